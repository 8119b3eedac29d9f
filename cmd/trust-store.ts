import { rootCertificates } from 'node:tls';
import { type CertificatePlaces, readLinuxStore } from './trust-store/linux.ts';
import { certificatesIn, fingerprintOf } from './trust-store/pem.ts';
import { readWindowsStore } from './trust-store/windows.ts';

/** The variables of the container's environment that say where certificates are. */
export interface TrustStoreEnvironment {
  readonly SSL_CERT_FILE?: string | undefined;
  readonly SSL_CERT_DIR?: string | undefined;
}

/**
 * The certificates to trust, each in PEM and each once: Mozilla's, which come with Node, and the system's, found
 * where Go finds them (crypto/x509, root_linux.go), so that a job's other tools and we agree on what is trusted.
 * What is no certificate is left out. Costs some 100 file reads: load it only when there is something to send.
 *
 * @param places for tests: where to look without variables.
 * @throws Failure 'trust-store' naming the path if SSL_CERT_FILE or SSL_CERT_DIR is set and cannot be read.
 */
export async function loadTrustStore(
  environment: TrustStoreEnvironment,
  places?: CertificatePlaces,
): Promise<string[]> {
  const trusted = new Map<string, string>();
  for (const pem of rootCertificates) trusted.set(fingerprintOf(pem), pem);
  const add = (text: string) => {
    for (const [fingerprint, pem] of certificatesIn(text, trusted)) trusted.set(fingerprint, pem);
  };
  if (process.platform === 'win32') readWindowsStore(add);
  else await readLinuxStore(environment, add, places);
  return [...trusted.values()];
}
