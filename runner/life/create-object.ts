import type { KubernetesObject, Objects } from '../../clients/kubernetes/client.ts';
import { type Backoff, pauseAfter } from '../../clients/kubernetes/pause.ts';
import type { JsonObject } from '../json.ts';
import { judgeCreateError } from './create-error.ts';

/** How a create is tried. */
export interface CreateTries {
  /** For all tries together, ms. */
  readonly limitMs: number;
  readonly backoff: Backoff;
  /** Whether an object with this name is the one that we made ourselves: the answer of an earlier try was lost. */
  readonly isOurs: (object: KubernetesObject) => boolean;
  /** Told of each try that failed and is followed by another. */
  readonly onDelay: (problem: 'full' | 'later', error: unknown) => void;
  /** Aborts when nobody wants the object any more. A try that is under way is waited for: it may create the object. */
  readonly unwanted: AbortSignal;
}

/** The API server will not have the object, or did not take it in time. */
export class NotCreatedError extends Error {
  override readonly name = 'NotCreatedError';
  /** Whether a later try may succeed. */
  readonly passing: boolean;

  constructor(message: string, passing: boolean, cause: unknown) {
    super(message, { cause });
    this.passing = passing;
  }
}

/**
 * Creates an object exactly once, however often it takes to be told so.
 *
 * @throws NotCreatedError, or the reason of the signal, or of `unwanted`
 */
export async function createObject<T extends KubernetesObject>(
  objects: Objects<T>,
  object: JsonObject & { readonly metadata?: unknown },
  tries: CreateTries,
  signal: AbortSignal,
): Promise<T> {
  const name = String((object.metadata as { name?: unknown } | undefined)?.name ?? '');
  const endMs = performance.now() + tries.limitMs;
  const waiting = AbortSignal.any([signal, tries.unwanted]);
  for (let failures = 1; ; failures++) {
    waiting.throwIfAborted();
    try {
      return await objects.create(object, signal);
    } catch (error) {
      signal.throwIfAborted();
      const problem = judgeCreateError(error);
      const words = error instanceof Error ? error.message : String(error);
      if (problem === 'refused') throw new NotCreatedError(words, false, error);
      if (problem === 'exists') {
        // Where nobody can tell what has the name, the next try may.
        const existing = await objects.get(name, signal).catch(() => undefined);
        signal.throwIfAborted();
        if (existing !== undefined && tries.isOurs(existing)) return existing;
        if (existing !== undefined)
          throw new NotCreatedError(`another object is called ${name}`, true, error);
      } else {
        tries.onDelay(problem, error);
      }
      if (performance.now() >= endMs) throw new NotCreatedError(words, true, error);
      await pauseAfter(failures, tries.backoff, error, waiting);
    }
  }
}
