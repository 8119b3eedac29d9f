import { stat } from 'node:fs';
import { promisify } from 'node:util';
import { delay } from '../internal/delay.ts';
import { Failure } from '../internal/failure.ts';
import type { Logger } from '../internal/log/logger.ts';
import { taskKinds } from './failure-kinds.ts';
import { notStarted, type Termination } from './termination.ts';

/** The longest wait for the file, ms. */
export const readinessTimeoutMs = 10 * 60 * 1000;

/**
 * Another container may write the file through a volume of any kind, and not all volumes support inotify(7).
 */
const pollIntervalMs = 50;

/** The file that another container writes, and the longest wait for it, ms. */
export interface ReadinessFile {
  readonly path: string;
  readonly limitMs: number;
}

/**
 * Waits until the file exists.
 *
 * @throws Failure 'readiness-timeout' after the limit; 'not-started' as soon as a termination signal comes
 */
export async function waitForReadinessFile(
  { path, limitMs }: ReadinessFile,
  termination: Termination,
  logger: Logger,
): Promise<void> {
  const over = new AbortController();
  const timedOut = delay(limitMs, over.signal).then(() => 'timeout' as const);
  const terminated = termination.requested.then((signal) => ({ signal }));
  try {
    const wait = {
      lastError: '',
      onWait: () => logger.info('waiting for the readiness file', { path, limit_ms: limitMs }),
    };
    const result = await Promise.race([untilThere(path, wait, over.signal), timedOut, terminated]);
    if (result === 'timeout')
      throw new Failure(
        taskKinds['readiness-timeout'],
        `The readiness file ${path} did not appear within ${limitMs / 1000} s (${wait.lastError}). The container that writes it has not become ready: look at the service containers of this Pod.`,
      );
    if (result !== 'ready') throw notStarted(result.signal);
  } finally {
    over.abort();
  }
}

/** The reports about a wait. */
interface Wait {
  /** The error of the last check, usually ENOENT, for the failure's message. */
  lastError: string;
  /** Is called once if the file is not there at once. */
  readonly onWait: () => void;
}

async function untilThere(file: string, wait: Wait, signal: AbortSignal): Promise<'ready'> {
  while (!signal.aborted) {
    try {
      await promisify(stat)(file);
      break;
    } catch (error) {
      if (wait.lastError === '') wait.onWait();
      wait.lastError = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
    await delay(pollIntervalMs, signal);
  }
  return 'ready';
}
