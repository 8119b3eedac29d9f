import { constants } from 'node:os';
import { Failure, failureKinds } from '../internal/failure.ts';
import { describeErrno } from '../internal/syscall/system-error.ts';

/** The only kind of failure of `init`. */
export const initKinds = failureKinds({ init: { retryable: false, exitStatus: 1 } });

/** Errors of network file systems and quotas for which libuv has no name. */
const unknownToLibuv: Readonly<Record<number, { code: string; words: string }>> = {
  [constants.errno.EDQUOT]: { code: 'EDQUOT', words: 'disk quota exceeded' },
  [constants.errno.ESTALE]: { code: 'ESTALE', words: 'stale file handle' },
};

/** What an operator should look at when DESTINATION cannot be written. */
const remedies: Readonly<Record<string, string>> = {
  ENOENT: 'mount the shared volume there',
  ENOSPC:
    "look at the volume's size, limit and inodes, and at the disk of its node; a file that is replaced needs room for both until then",
  EDQUOT: "look at the quota of the volume's user or project",
  EROFS: 'mount the volume writable',
  EACCES: "the init container's user may not write there: look at runAsUser, fsGroup and the volume's mode",
  EPERM: "the init container's user may not change that file: look at its owner and attributes",
  EISDIR: 'a directory is where the file belongs: remove it',
  EBUSY: 'something is mounted on that very file, or it is in use: look at the mounts',
  ESTALE: "the volume's server has lost it: look at the volume",
  EIO: 'look at the health of the disk behind the volume',
};

/** The failure of a read: `cannot copy /orchestrator: permission denied (EACCES); look at the image`. */
export function readFailure(what: string, error: unknown, lookAt: string): Failure {
  return new Failure(initKinds.init, `${what}: ${describe(error)}; ${lookAt}`, { cause: error });
}

/** The failure of a write. The errno decides what to look at. A Failure stays as it is. */
export function writeFailure(what: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const remedy = remedies[codeOf(error)];
  const hint = remedy === undefined ? '' : `; ${remedy}`;
  return new Failure(initKinds.init, `${what}: ${describe(error)}${hint}`, { cause: error });
}

/** The name of the errno in an error of node:fs, or else an empty string. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return unknownToLibuv[errnoOf(error)]?.code ?? code;
}

function describe(error: unknown): string {
  const errno = errnoOf(error);
  const unknown = unknownToLibuv[errno];
  if (unknown) return `${unknown.words} (${unknown.code})`;
  if (errno !== 0) return describeErrno(errno);
  return error instanceof Error ? error.message : String(error);
}

/** Errors of node:fs have the negative errno. */
function errnoOf(error: unknown): number {
  return error instanceof Error && 'errno' in error ? -Number(error.errno) : 0;
}
