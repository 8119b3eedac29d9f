import type { ExitNow, NameProcess, ReleaseHeldSignals, TrimMemory } from './this-process.ts';
import { endThisProcess } from './windows/kernel32.ts';

export const exitNow: ExitNow = (status) => endThisProcess(status);

export const nameProcess: NameProcess = () => {};

/** Windows trims a process by itself. */
export const trimMemory: TrimMemory = () => {};

/** There is no launcher. */
export const releaseHeldSignals: ReleaseHeldSignals = () => {};
