import { getCACertificates } from 'node:tls';

/** Hands the certificates that Windows trusts to `add`, each in PEM. Windows has no variables that say where they are. */
export async function readSystemStore(_environment: object, add: (pem: string) => void): Promise<void> {
  for (const pem of getCACertificates('system')) add(pem);
}
