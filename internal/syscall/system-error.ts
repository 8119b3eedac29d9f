import { getSystemErrorMessage, getSystemErrorName } from 'node:util';

/** A system call that failed: `code` is the errno's name, as in errors of node:fs. */
export class SystemError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;

  /** @param errno positive, as in errno(3) */
  constructor(syscall: string, errno: number) {
    super(`${syscall}: ${describeErrno(errno)}`);
    this.name = 'SystemError';
    this.code = errnoName(errno);
    this.errno = errno;
    this.syscall = syscall;
  }
}

/** The errno's name, `ENOENT` for 2. */
export function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `errno ${errno}`;
  }
}

/** For people: `no such file or directory (ENOENT)`. */
export function describeErrno(errno: number): string {
  // libuv names only the errors it knows; these three it does not, and exec(2) returns them.
  const others: Readonly<Record<number, string>> = {
    8: 'not a program that can be executed here (ENOEXEC)',
    80: 'a library it needs cannot be used (ELIBBAD)',
    35: 'would deadlock (EDEADLK)',
  };
  const other = others[errno];
  return other ?? `${getSystemErrorMessage(-errno)} (${errnoName(errno)})`;
}
