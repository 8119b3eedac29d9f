import type { Environment } from '../environment.ts';

/**
 * Fails before the task starts where a failure could not be reported later, because the certificates that the
 * container's environment names cannot be read. What is merely not there is no error, as in Go's crypto/x509: the
 * usual places and the built-in roots remain.
 *
 * @throws Failure 'trust-store' that names the path
 */
export type CheckTrustStore = (environment: Environment) => void;
