import { getRawPointer } from 'node:ffi';
import { SystemError } from '../system-error.ts';
import { systemCallNumbers } from './abi.ts';
import { errno, libc } from './c-library.ts';

export type SystemCall = keyof typeof systemCallNumbers.x64;

const numbers: Readonly<Record<SystemCall, number>> =
  systemCallNumbers[process.arch === 'arm64' ? 'arm64' : 'x64'];

/** The size of the kernel's set of signals, which its calls ask for. It has a bit for each of the 64 signals. */
export const signalSetBytes = 8;

/**
 * Makes a system call by syscall(2), which is bound once for all of them.
 *
 * @param parameters integers, or memory that the kernel uses only during the call
 * @returns the kernel's result, or -1 with the reason in `errno`
 */
export function trySystemCall(
  name: SystemCall,
  ...parameters: readonly (number | bigint | Buffer)[]
): number {
  const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n] = parameters.map(toWord);
  return Number(libc.syscall(BigInt(numbers[name]), a, b, c, d, e));
}

/** The same. @throws SystemError instead of returning -1 */
export function systemCall(name: SystemCall, ...parameters: readonly (number | bigint | Buffer)[]): number {
  const result = trySystemCall(name, ...parameters);
  if (result === -1) throw new SystemError(name, errno());
  return result;
}

function toWord(parameter: number | bigint | Buffer): bigint {
  return Buffer.isBuffer(parameter) ? getRawPointer(parameter) : BigInt.asUintN(64, BigInt(parameter));
}
