import type { Environment } from '../environment.ts';
import type { CertificatePlaces } from './system-store.ts';

/**
 * The certificates to trust, each in PEM and each once: Mozilla's, which come with Node, and the system's, found
 * where Go finds them (crypto/x509, root_linux.go), so that a job's other tools and we agree on what is trusted.
 * What is no certificate is left out. To be called only when needed, as it loads TLS's code (docs/decisions/trust-store.md).
 *
 * @param environment the container's, which may say by SSL_CERT_FILE and SSL_CERT_DIR where certificates are
 * @param places for tests: where to look without variables.
 * @throws Failure 'trust-store' naming the path if SSL_CERT_FILE or SSL_CERT_DIR is set and cannot be read.
 */
export async function loadTrustStore(
  environment: Environment,
  places?: CertificatePlaces,
): Promise<string[]> {
  const { rootCertificates } = await import('node:tls');
  const { certificatesIn, fingerprintOf } = await import('./pem.ts');
  const trusted = new Map<string, string>();
  for (const pem of rootCertificates) trusted.set(fingerprintOf(pem), pem);
  const add = (text: string) => {
    for (const [fingerprint, pem] of certificatesIn(text, trusted)) trusted.set(fingerprint, pem);
  };
  const { readSystemStore } = await import('#platform/internal/trust-store/system-store');
  await readSystemStore(environment, add, places);
  return [...trusted.values()];
}
