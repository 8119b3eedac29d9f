import type { ExitNow, NameProcess } from './this-process.ts';
import { endThisProcess } from './windows/kernel32.ts';

export const exitNow: ExitNow = (status) => endThisProcess(status);

export const nameProcess: NameProcess = () => {};
