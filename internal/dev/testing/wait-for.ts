import { setTimeout as pause } from 'node:timers/promises';

const pollIntervalMs = 10;

/**
 * Waits until the condition gives a value that is neither false nor undefined, and returns it.
 *
 * @param limitMs ends a wait that is in vain; far beyond what a busy machine needs
 * @throws Error that says what was waited for
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = 60_000,
): Promise<Exclude<T, false | undefined>> {
  for (const end = Date.now() + limitMs; ; await pause(pollIntervalMs)) {
    const value = await condition();
    if (value !== false && value !== undefined) return value as Exclude<T, false | undefined>;
    if (Date.now() > end) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`);
  }
}
