import type { Environment } from '../environment.ts';

/** The places of a system's certificates. */
export interface CertificatePlaces {
  /** The first readable one of these is used. */
  readonly files: readonly string[];
  /** All of these are read. */
  readonly directories: readonly string[];
}

/**
 * Gives `add` the text of every file of certificates that the system trusts.
 *
 * @param environment may name other places than the usual ones
 * @param places instead of the usual ones, for tests
 * @throws Failure 'trust-store' with the path, if the place of a variable exists and cannot be read
 */
export type ReadSystemStore = (
  environment: Environment,
  add: (text: string) => void,
  places?: CertificatePlaces,
) => Promise<void>;
