import { getCACertificates } from 'node:tls';

/** Hands the certificates that Windows trusts to `add`, each in PEM. Windows has no variables for them. */
export function readWindowsStore(add: (pem: string) => void): void {
  for (const pem of getCACertificates('system')) add(pem);
}
