import type { Environment } from '../../../internal/environment.ts';
import { type Credentials, CredentialsError } from './credentials.ts';
import { inClusterCredentials, isInCluster } from './in-cluster.ts';
import { kubeconfigCredentials } from './kubeconfig.ts';

/**
 * The credentials for the API server, from the file that KUBECONFIG names. If the variable is not set, they are those
 * of the Pod's service account.
 *
 * @throws CredentialsError
 */
export async function readCredentials(environment: Environment): Promise<Credentials> {
  const path = environment.get('KUBECONFIG') ?? '';
  if (path !== '') return kubeconfigCredentials(path, toObject(environment));
  const service = {
    KUBERNETES_SERVICE_HOST: environment.get('KUBERNETES_SERVICE_HOST'),
    KUBERNETES_SERVICE_PORT: environment.get('KUBERNETES_SERVICE_PORT'),
  };
  if (isInCluster(service)) return inClusterCredentials(service);
  throw new CredentialsError(
    'There are no credentials for the Kubernetes API: this is not a Pod, as KUBERNETES_SERVICE_HOST is missing, and KUBECONFIG is not set.',
  );
}

/** The variables for a credential plugin. */
function toObject(environment: Environment): Record<string, string> {
  return Object.fromEntries(environment.names().map((name) => [name, environment.get(name) ?? '']));
}
