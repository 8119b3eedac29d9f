import type { Environment } from '../environment.ts';

/**
 * Fails before the task starts if the certificates in the container's environment cannot be read. Otherwise a
 * failure could not be reported later. As in Go's crypto/x509, certificates that do not exist are not an
 * error: the usual places and the built-in roots remain.
 *
 * @throws Failure 'trust-store' that names the path
 */
export type CheckTrustStore = (environment: Environment) => void;
