import { setTimeout as pause, setImmediate } from 'node:timers/promises';

export interface Patience {
  /** The longest wait, in ms. It is much longer than a busy machine needs. */
  readonly limitMs?: number;
  /** The interval of the checks, in ms. 0: in each turn of the event loop. */
  readonly everyMs?: number;
}

/**
 * Waits until the condition gives a value that is neither false nor undefined, and returns it.
 *
 * @throws Error that names the condition
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  { limitMs = 60_000, everyMs = 10 }: Patience = {},
): Promise<Exclude<T, false | undefined>> {
  for (const end = performance.now() + limitMs; ; ) {
    const value = await condition();
    if (value !== false && value !== undefined) return value as Exclude<T, false | undefined>;
    if (performance.now() > end) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`);
    await (everyMs === 0 ? setImmediate() : pause(everyMs));
  }
}
