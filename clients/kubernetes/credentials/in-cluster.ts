import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Credentials, CredentialsError } from './credentials.ts';
import { rereadFile } from './reread-file.ts';

/** Kubernetes documentation, "Accessing the Kubernetes API from a Pod". */
const folder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The variables that Kubernetes sets in every container. */
export interface ServiceVariables {
  readonly KUBERNETES_SERVICE_HOST?: string | undefined;
  readonly KUBERNETES_SERVICE_PORT?: string | undefined;
}

/** Whether this runs in a Pod. */
export function isInCluster({ KUBERNETES_SERVICE_HOST: host }: ServiceVariables): boolean {
  return host !== undefined && host !== '';
}

/**
 * The credentials of the Pod's service account.
 *
 * @throws CredentialsError
 */
export async function inClusterCredentials(variables: ServiceVariables, from = folder): Promise<Credentials> {
  const host = variables.KUBERNETES_SERVICE_HOST ?? '';
  const port = variables.KUBERNETES_SERVICE_PORT || '443';
  const token = rereadFile(join(from, 'token'));
  const ca = rereadFile(join(from, 'ca.crt'));
  try {
    await token();
    await ca();
    return {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      namespace: await readFile(join(from, 'namespace'), 'utf8').then(
        (text) => text.trim(),
        () => undefined,
      ),
      tls: { ca, cert: undefined, key: undefined, insecure: false },
      token,
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CredentialsError(
      `The credentials of the service account cannot be read: ${reason}. Look at automountServiceAccountToken, and at what is mounted at ${from}.`,
      { cause },
    );
  }
}
