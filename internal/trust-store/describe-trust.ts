import type { Environment } from '../environment.ts';

/**
 * Describes the trusted certificates, for the message that another one was not accepted.
 *
 * @param others the number of certificates beside Mozilla's
 */
export function describeTrust(others: number, environment: Environment): string {
  const variables = ['SSL_CERT_FILE', 'SSL_CERT_DIR'].map((name) => {
    const value = environment.get(name);
    return value ? `${name} is ${value}` : `${name} is not set`;
  });
  return `trusted are Mozilla's root certificates and ${others} others; ${variables.join(', ')}`;
}
