import {
  type DynamicLibraryResult,
  dlopen,
  type FunctionDefinitions,
  getCurrentEventLoop,
  getInt32,
  getRawPointer,
} from 'node:ffi';
import { closeSync, writeSync } from 'node:fs';
import { SystemError } from './system-error.ts';

/*
 * The system calls that Node has no API for, over node:ffi (experimental, hence this one module and a pinned
 * Node). Everything here is synchronous and, but for posix_spawn (which waits for the child's exec), returns at once.
 */

const i32 = 'i32';
const u64 = 'u64';
const buffer = 'buffer';
const pointer = 'pointer';

const { lib } = dlopen(null);

const libc = bindLazily({
  _exit: { arguments: [i32], return: 'void' },
  execve: { arguments: [buffer, buffer, buffer], return: i32 },
  fcntl: { arguments: [i32, i32, i32], return: i32 },
  kill: { arguments: [i32, i32], return: i32 },
  malloc_trim: { arguments: [u64], return: i32 },
  memfd_create: { arguments: [buffer, 'u32'], return: i32 },
  pipe2: { arguments: [buffer, i32], return: i32 },
  posix_spawn: { arguments: [buffer, buffer, buffer, buffer, buffer, buffer], return: i32 },
  posix_spawn_file_actions_adddup2: { arguments: [buffer, i32, i32], return: i32 },
  posix_spawn_file_actions_destroy: { arguments: [buffer], return: i32 },
  posix_spawn_file_actions_init: { arguments: [buffer], return: i32 },
  posix_spawnattr_init: { arguments: [buffer], return: i32 },
  posix_spawnattr_setflags: { arguments: [buffer, 'i16'], return: i32 },
  prctl: { arguments: [i32, u64, u64, u64, u64], return: i32 },
  pthread_sigmask: { arguments: [i32, buffer, pointer], return: i32 },
  setrlimit: { arguments: [i32, buffer], return: i32 },
  sigaction: { arguments: [i32, buffer, buffer], return: i32 },
  uv_handle_size: { arguments: [i32], return: u64 },
  uv_signal_init: { arguments: [pointer, pointer], return: i32 },
  uv_signal_start: { arguments: [pointer, pointer, i32], return: i32 },
  waitpid: { arguments: [i32, buffer, i32], return: i32 },
});

/** Asked for now, as errno may change while a function is bound; it stays where it is for as long as the thread lives. */
const errnoAddress = lib.getFunction('__errno_location', { arguments: [], return: pointer })();

/** Binds each function when it is first called, which takes 50 µs: starting needs some of them, and most of those late. */
function bindLazily<const T extends FunctionDefinitions>(definitions: T) {
  const functions = {};
  for (const [name, signature] of Object.entries(definitions)) {
    const bind = () => {
      const value = lib.getFunction(name, signature);
      Object.defineProperty(functions, name, { value });
      return value;
    };
    Object.defineProperty(functions, name, { configurable: true, get: bind });
  }
  return functions as DynamicLibraryResult<T>['functions'];
}

/** A child's end, decoded from wait(2)'s status. */
export type WaitStatus =
  | { readonly exitCode: number }
  | { readonly signal: number; readonly coreDumped: boolean };

const WNOHANG = 1;

/**
 * Takes the status of one child that has ended, whichever it is.
 *
 * @returns the child; 'none-ended' while children live and none has ended; 'no-children' when there are none at all
 */
export function reapOne(): { pid: number; status: WaitStatus } | 'none-ended' | 'no-children' {
  const raw = Buffer.alloc(4);
  const pid = libc.waitpid(-1, raw, WNOHANG);
  if (pid === 0) {
    return 'none-ended';
  }
  // With WNOHANG, waitpid(2) has no other error than ECHILD for these arguments.
  if (pid < 0) {
    return 'no-children';
  }
  const status = raw.readInt32LE();
  const signal = status & 0x7f;
  return {
    pid,
    status: signal === 0 ? { exitCode: (status >> 8) & 0xff } : { signal, coreDumped: (status & 0x80) !== 0 },
  };
}

const ESRCH = 3;

/**
 * Sends a signal by number to a process, a group (negative pid) or everyone (-1).
 *
 * @returns whether anyone is there, though kill(2) may not be permitted
 */
export function kill(pid: number, signal: number): boolean {
  return libc.kill(pid, signal) === 0 || errno() !== ESRCH;
}

const PR_SET_NAME = 15;
const PR_SET_CHILD_SUBREAPER = 36;

/** Names the process for ps(1) and top(1), which show the main thread's name; 15 bytes at most. */
export function setProcessName(name: string): void {
  libc.prctl(PR_SET_NAME, getRawPointer(cString(name)), 0n, 0n, 0n);
}

/** Makes this process adopt the orphans among its descendants when it is not PID 1 (prctl(2)). @throws SystemError */
export function becomeSubreaper(): void {
  check('prctl', libc.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n));
}

const O_CLOEXEC = 0o2000000;
const F_SETFD = 2;
const F_DUPFD_CLOEXEC = 1030;
/** Descriptors that children get at fixed numbers must not be at those numbers here: dup2 would close them. */
const firstSafeDescriptor = 10;

/** A pipe, both ends close-on-exec and blocking. @returns read end and write end @throws SystemError */
export function createPipe(): readonly [read: number, write: number] {
  const fds = Buffer.alloc(8);
  check('pipe2', libc.pipe2(fds, O_CLOEXEC));
  return [aboveReserved(fds.readInt32LE(0)), aboveReserved(fds.readInt32LE(4))];
}

const MFD_CLOEXEC = 1;

/** An anonymous file in memory that holds `content`. @throws SystemError */
export function createMemoryFile(name: string, content: Buffer): number {
  const fd = aboveReserved(check('memfd_create', libc.memfd_create(cString(name), MFD_CLOEXEC)));
  for (let offset = 0; offset < content.length; ) {
    offset += writeSync(fd, content, offset, content.length - offset, offset);
  }
  return fd;
}

function aboveReserved(fd: number): number {
  if (fd >= firstSafeDescriptor) {
    return fd;
  }
  const copy = check('fcntl', libc.fcntl(fd, F_DUPFD_CLOEXEC, firstSafeDescriptor));
  closeSync(fd);
  return copy;
}

const POSIX_SPAWN_SETSID = 0x80;

/**
 * Starts a program in a session, and so a process group, of its own. posix_spawn(3) shares the memory with the
 * child until it executes, so that the size of this process does not matter, and the child's end is nobody's but
 * the reaper's: Node's own spawn would wait for it behind our back.
 *
 * @param descriptors what the child gets as descriptor 0, 1, 2, …; everything else is close-on-exec
 * @returns the pid
 * @throws SystemError when no process could be made or `path` not be executed
 */
export function spawnProgram(path: string, argv: readonly string[], descriptors: readonly number[]): number {
  const pid = Buffer.alloc(4);
  const actions = Buffer.alloc(256);
  const attributes = Buffer.alloc(512);
  const argvPointers = pointerArray(argv.map((argument) => Buffer.from(argument)));
  libc.posix_spawn_file_actions_init(actions);
  libc.posix_spawnattr_init(attributes);
  libc.posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID);
  try {
    descriptors.forEach((fd, target) => {
      checkResult('posix_spawn', libc.posix_spawn_file_actions_adddup2(actions, fd, target));
    });
    const noEnvironment = pointerArray([]);
    checkResult(
      'posix_spawn',
      libc.posix_spawn(pid, cString(path), actions, attributes, argvPointers.array, noEnvironment.array),
    );
    return pid.readInt32LE();
  } finally {
    libc.posix_spawn_file_actions_destroy(actions);
  }
}

const SIG_DFL = 0n;
const SIG_IGN = 1n;
/** SIGRTMAX; signal(7). */
const lastSignal = 64;

const RLIMIT_NOFILE = 7;

/** Sets the limit of open files, soft and hard, as it was before Node's start-up raised it. @throws SystemError */
export function limitOpenFiles(soft: bigint, hard: bigint): void {
  const limits = Buffer.alloc(16);
  limits.writeBigUInt64LE(soft, 0);
  limits.writeBigUInt64LE(hard, 8);
  check('setrlimit', libc.setrlimit(RLIMIT_NOFILE, limits));
}

/** More than any C library's struct sigaction; the handler is its first member, and 0 in all others is no mask and no flag. */
const sigactionBytes = 256;

/**
 * Replaces this process by another program: same PID, dispositions as they were when this process started.
 * Returns only by throwing, and then this process listens to signals as before.
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
  // Node makes its standard descriptors close-on-exec when it starts.
  for (const fd of [0, 1, 2]) {
    libc.fcntl(fd, F_SETFD, 0);
  }
  const before = Array.from({ length: lastSignal }, (_, index) => {
    const ignored = ((ignoredSignals >> BigInt(index)) & 1n) === 1n;
    return setDisposition(index + 1, ignored ? SIG_IGN : SIG_DFL);
  });
  libc.execve(cString(path), argvPointers.array, environmentPointers.array);
  const error = new SystemError('execve', errno());
  before.forEach((action, index) => {
    libc.sigaction(index + 1, action, Buffer.alloc(sigactionBytes));
  });
  throw error;
}

/** @returns the sigaction(2) that it replaces; for signals that have none to set, one that cannot be set either */
function setDisposition(signal: number, handler: bigint): Buffer {
  const action = Buffer.alloc(sigactionBytes);
  const before = Buffer.alloc(sigactionBytes);
  action.writeBigUInt64LE(handler, 0);
  libc.sigaction(signal, action, before);
  return before;
}

const UV_SIGNAL = 16;
/** libuv keeps pointers to these for as long as the process lives. */
const signalWatchers: Buffer[] = [];

/**
 * Calls back on the event loop for signals of any number; Node's own listeners know signals by name, and the
 * real-time signals have none there.
 */
export function watchSignals(signals: readonly number[], onSignal: (signal: number) => void): void {
  const loop = getCurrentEventLoop();
  const callback = lib.registerCallback(
    { arguments: [pointer, i32], return: 'void' },
    (_watcher: unknown, signal: number) => {
      // libuv calls this outside of Node's own callbacks, where promises would not be run to their end.
      setImmediate(onSignal, signal);
    },
  );
  for (const signal of signals) {
    const watcher = Buffer.alloc(Number(libc.uv_handle_size(UV_SIGNAL)));
    const address = getRawPointer(watcher);
    checkResult('uv_signal_init', -libc.uv_signal_init(loop, address));
    checkResult('uv_signal_start', -libc.uv_signal_start(address, callback, signal));
    signalWatchers.push(watcher);
  }
}

const SIG_UNBLOCK = 1;

/**
 * Lets the signals through that were held back since the launcher started, SIGUSR1 (which Node blocks by
 * --disable-sigusr1) among them. Those that came meanwhile arrive now: listeners must be there.
 */
export function releaseSignals(): void {
  const release = optionalSymbol('orchestrator_release_signals');
  if (release !== undefined) {
    release();
  }
  libc.pthread_sigmask(SIG_UNBLOCK, Buffer.alloc(128, 0xff), 0n);
}

function optionalSymbol(name: string): (() => void) | undefined {
  try {
    return lib.getFunction(name, { arguments: [], return: 'void' });
  } catch {
    return undefined;
  }
}

/**
 * Lets go of what only starting needed: memory that was allocated and freed again (malloc_trim(3)), and, where there
 * is our launcher, some 35 MB of code, which comes back from the executable when it is needed.
 */
export function trimMemory(): void {
  libc.malloc_trim(0n);
  optionalSymbol('orchestrator_trim_memory')?.();
}

/** Ends the process at once: Node's own exit waits for pool threads, which a stalled log reader may hold in write(2). */
export function exitNow(status: number): never {
  libc._exit(status);
  throw new Error('unreachable');
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

/** A NULL-terminated array of pointers to NUL-terminated strings; both must stay referenced while C uses them. */
function pointerArray(strings: readonly Buffer[]): { array: Buffer; strings: Buffer[] } {
  const terminated = strings.map((bytes) => Buffer.concat([bytes, Buffer.alloc(1)]));
  const array = Buffer.alloc(8 * (terminated.length + 1));
  terminated.forEach((bytes, index) => {
    array.writeBigUInt64LE(getRawPointer(bytes), 8 * index);
  });
  return { array, strings: terminated };
}

function errno(): number {
  return getInt32(errnoAddress);
}

/** For calls that return -1 and set errno. */
function check(syscall: string, result: number): number {
  if (result < 0) {
    throw new SystemError(syscall, errno());
  }
  return result;
}

/** For calls that return the errno itself. */
function checkResult(syscall: string, result: number): void {
  if (result !== 0) {
    throw new SystemError(syscall, result);
  }
}
