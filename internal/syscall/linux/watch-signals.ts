import { getCurrentEventLoop, getRawPointer } from 'node:ffi';
import { SIG_UNBLOCK } from './abi.ts';
import { checkResult, lib, libc } from './c-library.ts';
import { tellGuard } from './guard.ts';
import { signalSetBytes, trySystemCall } from './system-call.ts';

/** uv.h, enum uv_handle_type. */
export const UV_SIGNAL = 16;
/** libuv keeps pointers to these during the life of the process. */
const signalWatchers: Buffer[] = [];

/**
 * Calls back on the event loop for signals of any number. Node's own listeners need a signal's name, and Node
 * has no names for real-time signals.
 */
export function watchSignals(signals: readonly number[], onSignal: (signal: number) => void): void {
  if (signals.length === 0) return;
  const loop = getCurrentEventLoop();
  const callback = lib.registerCallback(
    { arguments: ['pointer', 'i32'], return: 'void' },
    (_watcher: unknown, signal: number) => {
      // libuv calls this outside of Node's own callbacks, and there promises would not run.
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

/** Whether a signal came and is held back: see {@link releaseSignals}. */
export function isPending(signal: number): boolean {
  const pending = Buffer.alloc(signalSetBytes);
  trySystemCall('rt_sigpending', pending, signalSetBytes);
  return ((pending.readBigUInt64LE() >> BigInt(signal - 1)) & 1n) === 1n;
}

const allSignals = Buffer.alloc(signalSetBytes, 0xff);

/**
 * Releases the signals that are held back since the launcher's start, and SIGUSR1, which Node blocks by
 * --disable-sigusr1. Pending signals arrive now, so listeners must exist.
 */
export function releaseSignals(): void {
  tellGuard('releaseSignals');
  trySystemCall('rt_sigprocmask', SIG_UNBLOCK, allSignals, 0, signalSetBytes);
}
