import type { Environment } from '../environment.ts';

/** Where a system's certificates are. */
export interface CertificatePlaces {
  /** The first of these that can be read is taken. */
  readonly files: readonly string[];
  /** All of these are read. */
  readonly directories: readonly string[];
}

/**
 * Hands the text of every file of certificates that the system trusts to `add`.
 *
 * @param environment may name other places than the usual ones
 * @param places in place of the usual ones, for tests
 * @throws Failure 'trust-store' naming the path if what a variable names is there and cannot be read
 */
export type ReadSystemStore = (
  environment: Environment,
  add: (text: string) => void,
  places?: CertificatePlaces,
) => Promise<void>;
