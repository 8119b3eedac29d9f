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

/** libuv only has names for some errors. exec(3) and posix_spawn(3) also return these. */
const others: Readonly<Record<number, { readonly name: string; readonly text: string }>> = {
  8: { name: 'ENOEXEC', text: 'not a program that can be executed here' },
  35: { name: 'EDEADLK', text: 'would deadlock' },
  80: { name: 'ELIBBAD', text: 'a library it needs cannot be used' },
};

/** The name of an errno: `ENOENT` for 2, `errno 200` if it has no name. */
export function errnoName(errno: number): string {
  const name = others[errno]?.name ?? getSystemErrorName(-errno);
  return name.startsWith('Unknown') ? `errno ${errno}` : name;
}

/** For people: `no such file or directory (ENOENT)`. */
export function describeErrno(errno: number): string {
  const text = others[errno]?.text ?? getSystemErrorMessage(-errno);
  return text.startsWith('Unknown') ? `unknown error (errno ${errno})` : `${text} (${errnoName(errno)})`;
}
