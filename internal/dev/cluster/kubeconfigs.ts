import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiServerUrl } from './addresses.ts';
import { authorityCertificate, certificateOf, type IdentityName, identities, keyOf } from './certificates.ts';
import { places } from './places.ts';

/** A kubeconfig: the address of the API server, its authority, and the certificate and key to log in. */
export function kubeconfigOf(name: IdentityName): string {
  return join(places.certificates, `${name}.kubeconfig`);
}

/** Writes all kubeconfigs. @throws Error if the certificates do not exist */
export async function writeKubeconfigs(): Promise<void> {
  const certificateAuthority = await base64(authorityCertificate);
  for (const name of Object.keys(identities) as IdentityName[]) {
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: cluster,
          cluster: { server: apiServerUrl, 'certificate-authority-data': certificateAuthority },
        },
      ],
      users: [{ name, user: await credentialsOf(name) }],
      contexts: [{ name: cluster, context: { cluster, user: name } }],
      'current-context': cluster,
    };
    await writeFile(kubeconfigOf(name), JSON.stringify(config, undefined, 2), { mode: 0o600 });
  }
}

const cluster = 'runner-init';

async function credentialsOf(name: IdentityName) {
  return {
    'client-certificate-data': await base64(certificateOf(name)),
    'client-key-data': await base64(keyOf(name)),
  };
}

async function base64(file: string): Promise<string> {
  return (await readFile(file)).toString('base64');
}
