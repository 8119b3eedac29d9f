import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { Failure, sharedKinds } from '../failure.ts';
import type { TrustStoreEnvironment } from './trust-store.ts';

/**
 * Fails before the task starts where a failure could not be reported later, because the certificates that the
 * container names cannot be read. What is merely not there is no error, as in Go's crypto/x509: the usual places
 * and the built-in roots remain.
 *
 * @throws Failure 'trust-store' that names the path
 */
export function checkTrustStore(environment: TrustStoreEnvironment): void {
  const { SSL_CERT_FILE: file, SSL_CERT_DIR: directories } = environment;
  if (file) {
    check('SSL_CERT_FILE', file, () => {
      if (statSync(file).isDirectory()) {
        throw new Error('it is a directory');
      }
      accessSync(file, constants.R_OK);
    });
  }
  for (const directory of directories?.split(':').filter(Boolean) ?? []) {
    check('SSL_CERT_DIR', directory, () => readdirSync(directory));
  }
}

function check(variable: string, path: string, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(
      sharedKinds['trust-store'],
      `The certificates at ${variable}=${path} cannot be read: ${reason}.`,
      {
        cause: error,
      },
    );
  }
}
