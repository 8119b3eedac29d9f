import type { Readiness } from '../../internal/health/responses.ts';
import type { ClaimOutcome } from '../claims/claim-loop.ts';

/** What of the controller decides whether it is ready. */
export interface ControllerState {
  readonly draining: boolean;
  /** Whether the objects of a kind have been listed, by the kind. */
  readonly synced: Readonly<Record<string, boolean>>;
  /** How it is with each class that has a token, or an entry in the task Pod configuration. */
  readonly classes: ReadonlyMap<string, ClassState>;
}

export interface ClassState {
  /** How its last claim ended; undefined: none has ended yet. */
  readonly outcome: ClaimOutcome | undefined;
  /** Why it claims nothing for now; undefined: it claims when there is a place for a task. */
  readonly pausedBy: string | undefined;
  /** Whether there is no place: then it says nothing of a class that it has not claimed yet. */
  readonly isFull: boolean;
}

const claimFailures: Readonly<Record<Exclude<ClaimOutcome, 'task' | 'no-work'>, string>> = {
  refused: 'the runner API refuses its token',
  throttled: 'the runner API asks for fewer claims',
  'server-error': 'the runner API fails',
  malformed: 'the runner API gives an answer that cannot be used',
  'no-answer': 'the runner API does not answer',
};

/** Ready is who can run tasks: who knows the cluster, and of at least one class gets answers to its claims. */
export function judgeReadiness({ classes, draining, synced }: ControllerState): Readiness {
  const lists = Object.entries(synced).flatMap(([kind, done]) =>
    done ? [] : [[kind, 'the Kubernetes API has not listed them yet'] as const],
  );
  const claims = [...classes].flatMap(([name, state]) => {
    const failure = describeObstacle(state);
    return failure === undefined ? [] : [[`claims of ${name}`, failure] as const];
  });
  const noToken =
    classes.size === 0 ? [['tokens', 'no Secret has a token of a resource class'] as const] : [];
  const drain = draining
    ? [['drain', 'no more tasks are claimed: this program is shutting down'] as const]
    : [];
  return {
    ready: drain.length === 0 && lists.length === 0 && classes.size > claims.length,
    failures: Object.fromEntries([...drain, ...lists, ...noToken, ...claims]),
  };
}

/** Why a class cannot claim. Undefined: it can, when there is a place for a task. */
export function describeObstacle({ isFull, outcome, pausedBy }: ClassState): string | undefined {
  if (pausedBy !== undefined) return pausedBy;
  if (outcome === undefined) return isFull ? undefined : 'the runner API has not answered yet';
  return outcome === 'task' || outcome === 'no-work' ? undefined : claimFailures[outcome];
}
