import { isStatus, KubernetesError } from '../../clients/kubernetes/kubernetes-error.ts';
import type { Objects } from '../../clients/kubernetes/objects.ts';
import type { KubernetesObject } from '../../clients/kubernetes/read-answer.ts';
import { type Backoff, pauseAfter } from '../../internal/back-off.ts';
import type { JsonObject } from '../../internal/json.ts';
import type { Retry } from '../verdict/verdict.ts';
import { type CreateProblem, judgeCreateError } from './create-error.ts';
import { wordsOf } from './words-of.ts';

/** The rules for the tries of a create. */
export interface CreateTries<T extends KubernetesObject> {
  /** A try that fails after this time is the last one, on the monotonic clock, ms. */
  readonly untilMs: number;
  readonly backoff: Backoff;
  /** Whether an object with this name is our own, created by an earlier try whose answer was lost. */
  readonly isOurs: (object: T) => boolean;
  /** Removes secrets from the words of the API server and of the webhooks that it asks. Absent: removes nothing. */
  readonly clean?: (words: string) => string;
  /** Called after each failed try that is followed by another, with the words of the API server. */
  readonly onDelay: (problem: 'full' | 'later', words: string) => void;
  /** Aborts when nobody wants the object any more. A running try is still waited for: it may create the object. */
  readonly unwanted: AbortSignal;
  /**
   * For an object that must never be created twice, such as the Pod of a task. If a try got no answer, the API server is
   * asked until it says whether the object exists, however long that takes. If it does not, this finds what is known of
   * one that has existed, and only without such a trace is there another try, or the object is given up.
   */
  readonly findTrace?: (waiting: AbortSignal) => Promise<T | undefined>;
}

/** An object could not be created, at least not in time. The message says why in whole sentences. */
export class NotCreatedError extends Error {
  override readonly name = 'NotCreatedError';
  /** Whether its task may be handed back. */
  readonly retry: Retry;
  /** Why the API server did not create it. Undefined: the reason is not the API server's. */
  readonly problem: CreateProblem | undefined;

  constructor(
    message: string,
    retry: Retry,
    { cause, problem }: { cause?: unknown; problem?: CreateProblem } = {},
  ) {
    super(message, { cause });
    this.retry = retry;
    this.problem = problem;
  }
}

const lookAt = {
  'no-namespace': 'The namespace is being deleted or does not exist: find out who deleted it.',
  refused: 'Look at the spec of the class, and at Pod security and admission policies of the namespace.',
  late: 'Look at the quotas of the namespace, the webhooks of the cluster, and the API server.',
} as const;

/**
 * Creates an object exactly once, however many tries that takes.
 *
 * @throws NotCreatedError, or the reason of the signal, or of `unwanted`
 */
export async function createObject<T extends KubernetesObject>(
  objects: Pick<Objects<T>, 'create' | 'get'>,
  object: JsonObject & { readonly metadata?: unknown },
  tries: CreateTries<T>,
  signal: AbortSignal,
): Promise<T> {
  const name = String((object.metadata as { name?: unknown } | undefined)?.name ?? '');
  const waiting = AbortSignal.any([signal, tries.unwanted]);
  let mayExist = false;
  for (let failures = 1; ; failures++) {
    waiting.throwIfAborted();
    try {
      return await objects.create(object, signal);
    } catch (error) {
      signal.throwIfAborted();
      const problem = judgeCreateError(error);
      mayExist ||= !isAnswer(error);
      const isFinal = problem === 'refused' || problem === 'no-namespace';
      const isOver = isFinal || performance.now() >= tries.untilMs;
      if (problem === 'exists') {
        // If this request fails, the next try may find out what has the name.
        const existing = await objects.get(name, signal).catch(() => undefined);
        signal.throwIfAborted();
        if (existing !== undefined && tries.isOurs(existing)) return existing;
        if (existing !== undefined)
          throw new NotCreatedError(`Another object is called ${name}.`, 'always', { cause: error, problem });
      } else if (!isOver && (problem === 'full' || problem === 'later')) {
        tries.onDelay(problem, wordsOf(error, tries.clean));
      }
      const leftMs = Math.max(tries.untilMs - performance.now(), 0);
      if (!isOver) await pauseAfter(failures, tries.backoff, error, waiting, leftMs);
      if (mayExist && tries.findTrace !== undefined) {
        const made = (await findOut(objects, name, tries, waiting)) ?? (await tries.findTrace(waiting));
        if (made !== undefined && tries.isOurs(made)) return made;
      }
      if (isOver) {
        const advice = isFinal ? lookAt[problem] : lookAt.late;
        const message = explain(error, advice, tries);
        throw new NotCreatedError(message, problem === 'refused' ? 'never' : 'always', {
          cause: error,
          problem,
        });
      }
    }
  }
}

/** Whether the API server has said that it did not create the object. After an internal error it may have. */
function isAnswer(error: unknown): boolean {
  return error instanceof KubernetesError && error.status < 500;
}

/**
 * Asks for an object until the API server says whether it exists. One that has just started may refuse to say so for
 * minutes, until it has read many roles (kubernetes/kubernetes#121635).
 */
async function findOut<T extends KubernetesObject>(
  objects: Pick<Objects<T>, 'get'>,
  name: string,
  { backoff, clean, onDelay }: CreateTries<T>,
  waiting: AbortSignal,
): Promise<T | undefined> {
  for (let failures = 1; ; failures++) {
    try {
      return await objects.get(name, waiting);
    } catch (error) {
      waiting.throwIfAborted();
      if (isStatus(error, 404)) return undefined;
      onDelay('later', wordsOf(error, clean));
      await pauseAfter(failures, backoff, error, waiting);
      waiting.throwIfAborted();
    }
  }
}

function explain(error: unknown, advice: string, { clean }: Pick<CreateTries<never>, 'clean'>): string {
  const verb = error instanceof KubernetesError ? 'said' : 'gave no answer';
  return `The Kubernetes API ${verb}: ${wordsOf(error, clean).replace(/\.$/, '')}. ${advice}`;
}
