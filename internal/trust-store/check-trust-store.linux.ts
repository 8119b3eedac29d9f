import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { Failure, sharedKinds } from '../failure.ts';
import type { CheckTrustStore } from './check-trust-store.ts';

export const checkTrustStore: CheckTrustStore = (environment) => {
  const file = environment.get('SSL_CERT_FILE');
  if (file) {
    check('SSL_CERT_FILE', file, () => {
      if (statSync(file).isDirectory()) throw new Error('it is a directory');
      accessSync(file, constants.R_OK);
    });
  }
  const directories = environment.get('SSL_CERT_DIR') ?? '';
  for (const directory of directories.split(':').filter(Boolean)) {
    check('SSL_CERT_DIR', directory, () => readdirSync(directory));
  }
};

function check(variable: string, path: string, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
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
