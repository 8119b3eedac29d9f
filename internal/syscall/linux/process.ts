import { SystemError } from '../system-error.ts';
import { _NSIG, F_SETFD, RLIMIT_NOFILE, SIG_DFL, SIG_IGN, structures } from './abi.ts';
import { cString, errno, libc, pointerArray } from './c-library.ts';
import { tellGuard } from './guard.ts';
import { signalSetBytes, systemCall, trySystemCall } from './system-call.ts';

/** Sets the soft and hard limit of open files to the values from before Node's start. @throws SystemError */
export function limitOpenFiles(soft: bigint, hard: bigint): void {
  const { size, members } = structures['struct rlimit64'];
  const limits = Buffer.alloc(size);
  limits.writeBigUInt64LE(soft, members.rlim_cur);
  limits.writeBigUInt64LE(hard, members.rlim_max);
  const self = 0;
  systemCall('prlimit64', self, RLIMIT_NOFILE, limits);
}

const lastSignal = _NSIG - 1;
/** More than the kernel's own structure. Zeros after the handler are an empty mask and no flags. */
const sigactionBytes = 64;

/**
 * Replaces this program with another one, with the same PID and with the dispositions from this process's
 * start. It returns only by throwing. Then this process listens to signals as before.
 *
 * @param ignoredSignals bit n-1 for each signal n that stays ignored
 * @throws SystemError from execve(2)
 */
export function replaceProcess(
  path: string,
  argv: readonly Buffer[],
  environment: readonly Buffer[],
  ignoredSignals: bigint,
): never {
  const argvPointers = pointerArray(argv);
  const environmentPointers = pointerArray(environment);
  // Node makes its standard descriptors close-on-exec at its start.
  for (const fd of [0, 1, 2]) {
    trySystemCall('fcntl', fd, F_SETFD, 0);
  }
  const before = Array.from({ length: lastSignal }, (_, index) => {
    const ignored = ((ignoredSignals >> BigInt(index)) & 1n) === 1n;
    return setDisposition(index + 1, ignored ? SIG_IGN : SIG_DFL);
  });
  trySystemCall('execve', cString(path), argvPointers.array, environmentPointers.array);
  const error = new SystemError('execve', errno());
  before.forEach((action, index) => {
    setAction(index + 1, action);
  });
  throw error;
}

/** @returns the previous action. If a signal's cannot be set, the result cannot be set either */
function setDisposition(signal: number, handler: bigint): Buffer {
  const action = Buffer.alloc(sigactionBytes);
  action.writeBigUInt64LE(handler, 0);
  return setAction(signal, action);
}

/** The kernel's own sigaction(2): the launcher and the C library keep some signals for themselves. */
function setAction(signal: number, action: Buffer): Buffer {
  const before = Buffer.alloc(sigactionBytes);
  trySystemCall('rt_sigaction', signal, action, before, signalSetBytes);
  return before;
}

/**
 * Releases memory that only the start needed: freed allocations (malloc_trim(3)), and, with our launcher,
 * code. The kernel reads the code from the executable again when it is needed.
 */
export function trimMemory(): void {
  libc.malloc_trim(0n);
  tellGuard('trimMemory');
}

const heartbeatMs = 1000;

/**
 * From now on, our launcher ends this process with a line if JavaScript does not run for long. Without this, a process
 * that the OOM killer may not kill would hang if no memory is left.
 *
 * @returns whether that is so
 */
export function watchMemory(): boolean {
  const watched = tellGuard('watchMemory');
  if (watched) setInterval(() => tellGuard('javascriptRuns'), heartbeatMs).unref();
  return watched;
}
