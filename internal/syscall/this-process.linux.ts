import { PR_SET_NAME } from './linux/abi.ts';
import { cString } from './linux/c-library.ts';
import { trimMemory as releaseMemory } from './linux/process.ts';
import { trySystemCall } from './linux/system-call.ts';
import { releaseSignals } from './linux/watch-signals.ts';
import type { ExitNow, NameProcess, ReleaseHeldSignals, TrimMemory } from './this-process.ts';

export const exitNow: ExitNow = (status) => {
  trySystemCall('exit_group', status);
  throw new Error('unreachable');
};

/** ps(1) and top(1) show the main thread's name. */
export const nameProcess: NameProcess = (name) => {
  trySystemCall('prctl', PR_SET_NAME, cString(name));
};

export const trimMemory: TrimMemory = () => releaseMemory();

export const releaseHeldSignals: ReleaseHeldSignals = () => releaseSignals();
