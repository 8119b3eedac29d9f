import { randomInt } from 'node:crypto';
import type { ClaimRequest } from '../../clients/runner/calls/claim.ts';
import type { RunnerApi } from '../../clients/runner/runner-api.ts';
import { RunnerApiError, statusOf } from '../../clients/runner/runner-api-error.ts';
import { dottedName } from '../classes/resource-classes.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';
import type { ClaimedTask } from '../pod/pod-plan.ts';
import type { Slot, Slots } from './slots.ts';

/** How often a class without work asks, ms; half of it is added or not, so that replicas do not ask together. */
const idleMs = 5000;
/** So long may all places be taken before it is said, ms. */
const fullMs = 60_000;
const firstBackoffMs = 1000;
const longestBackoffMs = 60_000;

/** Why a class without a token claims nothing. */
export const noToken = 'there is no token for it';

/** What a class's loop works with. */
export interface ClaimLoop {
  /** By its dotted name. */
  readonly resourceClass: string;
  /** The class's token of now; undefined: there is none. */
  readonly token: () => string | undefined;
  /** Reads the tokens again. */
  readonly refreshTokens: () => Promise<void>;
  /** Why the class may not claim for now; undefined: it may. Resolves when that changes. */
  readonly pausedBy: () => string | undefined;
  readonly api: RunnerApi;
  readonly identity: Omit<ClaimRequest, 'token'>;
  readonly slots: Slots;
  /** Runs the task to its end and gives the slot back then; must not throw. */
  readonly onTask: (task: ClaimedTask, slot: Slot) => void;
  /** Gives back a task that came when none was wanted any more. */
  readonly onLateTask: (task: ClaimedTask) => void;
  readonly onAnswer: (answer: ClaimOutcome) => void;
  readonly logger: ControllerLogger;
  /** Waits for some ms, or until the signal aborts: `delay`, but in tests, which have a clock of their own. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** How a claim ended: a bounded set, for metrics. */
export type ClaimOutcome =
  | 'task'
  | 'no-work'
  | 'malformed'
  | 'refused'
  | 'throttled'
  | 'server-error'
  | 'no-answer';

/**
 * Claims tasks of one class for as long as there are places, until the signal aborts. A claim that is under way then
 * is waited for: its answer may be a task.
 */
export async function claimTasks(loop: ClaimLoop, draining: AbortSignal): Promise<void> {
  let failures = 0;
  let obstacle: string | undefined;
  while (!draining.aborted) {
    const reason = loop.token() === undefined ? noToken : loop.pausedBy();
    if (reason !== obstacle) tellOf(reason, loop);
    obstacle = reason;
    if (reason !== undefined) {
      await loop.pause(idleMs, draining);
      continue;
    }
    const slot = await acquireSlot(loop, draining);
    if (slot === undefined) return;
    const next = await claimOnce(loop, slot, failures, draining);
    failures = next.failed ? failures + 1 : 0;
    await loop.pause(next.pauseMs, draining);
  }
}

/** Waits for a place, and says so if that takes long: with much work all places are taken most of the time. */
async function acquireSlot(loop: ClaimLoop, draining: AbortSignal): Promise<Slot | undefined> {
  const given = new AbortController();
  const full = 'all slots for tasks are taken';
  let isTold = false;
  void loop.pause(fullMs, AbortSignal.any([draining, given.signal])).then(() => {
    if (given.signal.aborted || draining.aborted) return;
    isTold = true;
    tellOf(full, loop);
  });
  const slot = await loop.slots.acquire(draining);
  given.abort();
  if (isTold && slot !== undefined) tellOf(undefined, loop);
  return slot;
}

/** Once for each reason, as it may last for hours. */
function tellOf(obstacle: string | undefined, { logger, resourceClass }: ClaimLoop): void {
  const fields = { 'resource.class': resourceClass };
  if (obstacle === undefined) logger.info('claiming again', fields);
  else logger.info('not claiming', { ...fields, reason: obstacle });
}

interface Next {
  readonly pauseMs: number;
  readonly failed: boolean;
}

async function claimOnce(
  loop: ClaimLoop,
  slot: Slot,
  failures: number,
  draining: AbortSignal,
): Promise<Next> {
  const { api, identity, logger, onAnswer, resourceClass } = loop;
  let used = false;
  try {
    // A drain does not end it: a task that the server gives away meanwhile would be lost.
    const { task, warning } = await api.claim({ token: loop.token() ?? '', ...identity });
    if (warning !== '') logger.warn('the runner API warns', { 'resource.class': resourceClass, warning });
    onAnswer(task === undefined ? 'no-work' : 'task');
    if (task === undefined) return { pauseMs: spread(idleMs), failed: false };
    const claimed = { ...task, resourceClass: ownClass(task.resourceClass, loop) };
    if (draining.aborted) loop.onLateTask(claimed);
    else {
      used = true;
      loop.onTask(claimed, slot);
    }
    return { pauseMs: 0, failed: false };
  } catch (error) {
    const outcome = outcomeOf(error);
    onAnswer(outcome);
    logger.warn('a claim failed', { 'resource.class': resourceClass, outcome, error });
    if (outcome === 'refused') await loop.refreshTokens();
    const pauseMs = Math.max(
      spread(Math.min(firstBackoffMs * 2 ** failures, longestBackoffMs)),
      error instanceof RunnerApiError ? (error.retryAfterMs ?? 0) : 0,
    );
    return { pauseMs, failed: true };
  } finally {
    if (!used) slot.release();
  }
}

/**
 * The class of a task as the runner API writes it, if it is the one whose token claimed the task. Whatever else the
 * answer says, a task runs with no other class's template, and metrics have no other class's name.
 */
function ownClass(answered: string, { logger, resourceClass }: ClaimLoop): string {
  if (dottedName(answered) === resourceClass) return answered;
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
