import { randomInt } from 'node:crypto';
import type { ClaimRequest } from '../../clients/runner/calls/claim.ts';
import type { RunnerApi } from '../../clients/runner/runner-api.ts';
import { statusOf } from '../../clients/runner/runner-api-error.ts';
import { askedMs, type Backoff, doubledMs } from '../../internal/back-off.ts';
import { dottedName } from '../classes/resource-classes.ts';
import type { ControllerLogger } from '../log/controller-logger.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import type { Slot, Slots } from './slots.ts';

/** The pause of a class without work, ms. Up to half of it is added, so that replicas do not ask at the same time. */
const idleMs = 5000;
/** All slots may be taken for this long before a line says so, ms. */
const fullMs = 60_000;
const backoff: Backoff = { first: 1000, longest: 60_000 };

/** Why a class without a token claims nothing. */
export const noToken = 'there is no token for it';

/** The input of a class's loop. */
export interface ClaimLoop {
  /** By its dotted name. */
  readonly resourceClass: string;
  /** The class's current token. Undefined: there is none. */
  readonly token: () => string | undefined;
  /** Reads the tokens again. */
  readonly refreshTokens: () => Promise<void>;
  /** Why the class may not claim for now. Undefined: it may. */
  readonly pausedBy: () => string | undefined;
  readonly api: RunnerApi;
  readonly identity: Omit<ClaimRequest, 'token'>;
  readonly slots: Slots;
  /** Runs the task to its end, then gives the slot back. Must not throw. */
  readonly onTask: (task: ClaimedTask, slot: Slot) => void;
  /** Hands back a task that came after the drain had begun. */
  readonly onLateTask: (task: ClaimedTask) => void;
  /** @param token the one of the claim */
  readonly onAnswer: (answer: ClaimOutcome, token: string) => void;
  readonly logger: ControllerLogger;
  /** Waits for some ms, or until the signal aborts. It is `delay`, except in tests, which have their own clock. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** The result of a claim. The set is bounded, for metrics. */
export type ClaimOutcome =
  | 'task'
  | 'no-work'
  | 'malformed'
  | 'refused'
  | 'throttled'
  | 'server-error'
  | 'no-answer';

/**
 * Claims tasks of one class while there are free slots, until the signal aborts. Then it waits for a claim that is
 * still under way, because the answer may be a task.
 */
export async function claimTasks(loop: ClaimLoop, draining: AbortSignal): Promise<void> {
  let failures = 0;
  let obstacle: string | undefined;
  while (!draining.aborted) {
    const reason = obstacleOf(loop);
    if (reason !== obstacle) logObstacle(reason, loop);
    obstacle = reason;
    if (reason !== undefined) {
      await loop.pause(idleMs, draining);
      continue;
    }
    const slot = await acquireSlot(loop, draining);
    if (slot === undefined) return;
    // The wait may have been long.
    if (obstacleOf(loop) !== undefined) {
      slot.release();
      continue;
    }
    const next = await claimOnce(loop, slot, failures, draining);
    failures = next.failure === undefined ? 0 : failures + 1;
    // Without a slot: while the Kubernetes API is away, this takes a minute or more.
    if (next.failure === 'refused') await loop.refreshTokens();
    await loop.pause(next.pauseMs, draining);
  }
}

/** Why the class may not claim now. Undefined: it may. */
function obstacleOf({ pausedBy, token }: ClaimLoop): string | undefined {
  return token() === undefined ? noToken : pausedBy();
}

/** Waits for a slot. Says so only if that takes long: with much work, all slots are taken most of the time. */
async function acquireSlot(loop: ClaimLoop, draining: AbortSignal): Promise<Slot | undefined> {
  const given = new AbortController();
  const full = 'all slots for tasks are taken';
  let isLogged = false;
  void loop.pause(fullMs, AbortSignal.any([draining, given.signal])).then(() => {
    if (given.signal.aborted || draining.aborted) return;
    isLogged = true;
    logObstacle(full, loop);
  });
  const slot = await loop.slots.acquire(draining);
  given.abort();
  if (isLogged && slot !== undefined) logObstacle(undefined, loop);
  return slot;
}

/** Logs each reason once, because it may last for hours. */
function logObstacle(obstacle: string | undefined, { logger, resourceClass }: ClaimLoop): void {
  const fields = { 'resource.class': resourceClass };
  if (obstacle === undefined) logger.info('claiming again', fields);
  else logger.info('not claiming', { ...fields, reason: obstacle });
}

interface Next {
  readonly pauseMs: number;
  /** Undefined: the runner API has given a task, or has none. */
  readonly failure: ClaimOutcome | undefined;
}

async function claimOnce(
  loop: ClaimLoop,
  slot: Slot,
  failures: number,
  draining: AbortSignal,
): Promise<Next> {
  const { api, identity, logger, onAnswer, resourceClass } = loop;
  const token = loop.token() ?? '';
  let used = false;
  try {
    // A drain does not end the call: a task that the server gives away meanwhile would be lost.
    const { task, warning } = await api.claim({ token, ...identity });
    if (warning !== '') logger.warn('the runner API warns', { 'resource.class': resourceClass, warning });
    onAnswer(task === undefined ? 'no-work' : 'task', token);
    if (task === undefined) return { pauseMs: spread(idleMs), failure: undefined };
    const claimed = { ...task, resourceClass: ownClass(task.resourceClass, loop) };
    if (draining.aborted) loop.onLateTask(claimed);
    else {
      used = true;
      loop.onTask(claimed, slot);
    }
    return { pauseMs: 0, failure: undefined };
  } catch (error) {
    const outcome = outcomeOf(error);
    onAnswer(outcome, token);
    const pauseMs = Math.max(spread(doubledMs(failures + 1, backoff)), askedMs(error));
    logger.warn('a claim failed', { 'resource.class': resourceClass, outcome, error, pause_ms: pauseMs });
    return { pauseMs, failure: outcome };
  } finally {
    if (!used) slot.release();
  }
}

/**
 * The class of a task as the runner API writes it, if it is the class whose token claimed the task. If the answer names
 * another class, it is ignored: a task only gets the template and the metrics of the class that claimed it.
 */
function ownClass(answered: string, { logger, resourceClass }: ClaimLoop): string {
  if (dottedName(answered) === resourceClass) return answered;
  if (answered === '') return resourceClass;
  logger.warn('the runner API names a resource class other than the key of the token; the key counts', {
    'resource.class': resourceClass,
    answered,
  });
  return resourceClass;
}

function outcomeOf(error: unknown): ClaimOutcome {
  const status = statusOf(error);
  if (status === undefined) return 'no-answer';
  if (status < 300) return 'malformed';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'server-error' : 'refused';
}

function spread(ms: number): number {
  return Math.round((ms * (1000 + randomInt(501))) / 1000);
}
