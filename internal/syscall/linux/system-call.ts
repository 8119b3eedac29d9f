import { getRawPointer } from 'node:ffi';
import { SystemError } from '../system-error.ts';
import { errno, libc } from './c-library.ts';

/** Numbers of system calls: syscalls(2), and asm/unistd.h of each architecture. */
const numbers = {
  x64: {
    bind: 49,
    execve: 59,
    fadvise64: 221,
    exit_group: 231,
    fcntl: 72,
    getsockname: 51,
    kill: 62,
    listen: 50,
    memfd_create: 319,
    pipe2: 293,
    prctl: 157,
    prlimit64: 302,
    rt_sigpending: 127,
    rt_sigprocmask: 14,
    setsockopt: 54,
    socket: 41,
  },
  arm64: {
    bind: 200,
    execve: 221,
    fadvise64: 223,
    exit_group: 94,
    fcntl: 25,
    getsockname: 204,
    kill: 129,
    listen: 201,
    memfd_create: 279,
    pipe2: 59,
    prctl: 167,
    prlimit64: 261,
    rt_sigpending: 136,
    rt_sigprocmask: 135,
    setsockopt: 208,
    socket: 198,
  },
} as const;

export type SystemCall = keyof typeof numbers.x64;

const ours: Readonly<Record<SystemCall, number>> = process.arch === 'arm64' ? numbers.arm64 : numbers.x64;

/**
 * Makes a system call by way of syscall(2), which is bound once for all of them.
 *
 * @param parameters integers, or memory that the kernel reads or writes and that nothing keeps hold of afterwards
 * @returns what the kernel answers, or -1 and the reason in `errno`
 */
export function trySystemCall(
  name: SystemCall,
  ...parameters: readonly (number | bigint | Buffer)[]
): number {
  const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n] = parameters.map(toWord);
  return Number(libc.syscall(BigInt(ours[name]), a, b, c, d, e));
}

/** The same. @throws SystemError instead of returning -1 */
export function systemCall(name: SystemCall, ...parameters: readonly (number | bigint | Buffer)[]): number {
  const result = trySystemCall(name, ...parameters);
  if (result === -1) {
    throw new SystemError(name, errno());
  }
  return result;
}

function toWord(parameter: number | bigint | Buffer): bigint {
  return Buffer.isBuffer(parameter) ? getRawPointer(parameter) : BigInt.asUintN(64, BigInt(parameter));
}
