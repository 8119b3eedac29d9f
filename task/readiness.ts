import { stat } from 'node:fs';
import { promisify } from 'node:util';
import { delay } from '../internal/delay.ts';
import { Failure } from '../internal/failure.ts';
import { taskKinds } from './failure-kinds.ts';
import { notStarted, type Termination } from './termination.ts';

/** The longest wait for the file, ms. */
export const readinessTimeoutMs = 10 * 60 * 1000;

/**
 * Another container may write the file through a volume of any kind, and not all volumes support inotify(7).
 */
const pollIntervalMs = 50;

/**
 * Waits until the file exists.
 *
 * @throws Failure 'readiness-timeout' after `timeoutMs`; 'not-started' as soon as a termination signal comes
 */
export async function waitForReadinessFile(
  file: string,
  timeoutMs: number,
  termination: Termination,
): Promise<void> {
  const over = new AbortController();
  const timedOut = delay(timeoutMs, over.signal).then(() => 'timeout' as const);
  const terminated = termination.requested.then((signal) => ({ signal }));
  try {
    const wait = { lastError: '' };
    const result = await Promise.race([untilThere(file, wait, over.signal), timedOut, terminated]);
    if (result === 'timeout') {
      throw new Failure(
        taskKinds['readiness-timeout'],
        `The readiness file ${file} did not appear within ${timeoutMs / 1000} s (${wait.lastError}). The container that writes it has not become ready: look at the service containers of this Pod.`,
      );
    }
    if (result !== 'ready') {
      throw notStarted(result.signal);
    }
  } finally {
    over.abort();
  }
}

/**
 * @param wait gets the error of the last check, usually ENOENT, for the failure's message
 */
async function untilThere(file: string, wait: { lastError: string }, signal: AbortSignal): Promise<'ready'> {
  while (!signal.aborted) {
    try {
      await promisify(stat)(file);
      break;
    } catch (error) {
      wait.lastError = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
    await delay(pollIntervalMs, signal);
  }
  return 'ready';
}
