import type { ExitNow, NameProcess, ReleaseHeldSignals } from './this-process.ts';
import { endThisProcess } from './windows/kernel32.ts';

export const exitNow: ExitNow = (status) => endThisProcess(status);

export const nameProcess: NameProcess = () => {};

/** There is no launcher. */
export const releaseHeldSignals: ReleaseHeldSignals = () => {};
