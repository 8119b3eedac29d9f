import { X509Certificate } from 'node:crypto';

// Blocks with headers, and blocks of other types such as TRUSTED CERTIFICATE, do not match. Go skips them
// too.
const block = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/**
 * The certificates in a text's PEM blocks, with their fingerprints. Other blocks are skipped.
 *
 * @param known the fingerprints of certificates that are already parsed
 */
export function* certificatesIn(
  text: string,
  known: ReadonlyMap<string, string>,
): Generator<[string, string]> {
  for (const [, body = ''] of text.matchAll(block)) {
    const fingerprint = body.replace(/\s+/g, '');
    if (known.has(fingerprint)) continue;
    const pem = toPem(fingerprint);
    if (isCertificate(pem)) yield [fingerprint, pem];
  }
}

/**
 * The fingerprint of a certificate: its content in base64. It does not depend on the line length of its PEM.
 */
export function fingerprintOf(pem: string): string {
  return pem.replace(/-----[A-Z ]+-----|\s+/g, '');
}

// OpenSSL's PEM reader fails on lines that are much longer than the usual 64 characters.
function toPem(base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
