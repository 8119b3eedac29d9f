import { X509Certificate } from 'node:crypto';

// Blocks with headers, and of other types such as TRUSTED CERTIFICATE, do not match: Go skips them as well.
const block = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/**
 * The certificates among a text's PEM blocks, with what identifies each. Blocks that are no certificate are skipped.
 *
 * @param known certificates that need no second look, by fingerprint.
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

/** What identifies a certificate however its PEM is wrapped: its content in base64. */
export function fingerprintOf(pem: string): string {
  return pem.replace(/-----[A-Z ]+-----|\s+/g, '');
}

// OpenSSL's PEM reader gives up on lines that are much longer than the usual 64 characters.
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
