import { linux } from './binaries.linux.ts';
import { windows } from './binaries.windows.ts';
import type { Platform } from './platform.ts';

/** The binaries of the platform named as `process.platform` names it. */
export function binariesFor(platform: NodeJS.Platform): Platform {
  return platform === 'win32' ? windows : linux;
}
