import type { Environment } from '../environment.ts';
import type { CertificatePlaces } from './system-store.ts';

/**
 * The trusted certificates, each in PEM and each once: Mozilla's, which come with Node, and the system's. The system's
 * are read from the same places as in Go (crypto/x509, root_linux.go), so this program trusts the same certificates as
 * the job's other tools. Other PEM blocks are left out. Call this only when needed, because it loads the code of TLS
 * (docs/decisions/trust-store.md).
 *
 * @param environment the container's. SSL_CERT_FILE and SSL_CERT_DIR may be set in it
 * @param places instead of the usual ones, for tests
 * @throws Failure 'trust-store' with the path, if SSL_CERT_FILE or SSL_CERT_DIR is set and cannot be read
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
