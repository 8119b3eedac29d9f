import type { Readiness } from '../../internal/health/responses.ts';
import type { ClaimOutcome } from '../claims/claim-loop.ts';

/** The controller's state, as far as it decides whether the controller is ready. */
export interface ControllerState {
  readonly draining: boolean;
  /** Whether the objects of a kind have been listed, by the kind. */
  readonly synced: Readonly<Record<string, boolean>>;
  /** The state of each class that has a token, or had one, or has an entry in the task Pod configuration. */
  readonly classes: ReadonlyMap<string, ClassState>;
}

export interface ClassState {
  /** How its last claim with its present token ended. Undefined: none has ended yet. */
  readonly outcome: ClaimOutcome | undefined;
  /** Why it claims nothing for now. Undefined: it claims when a slot is free. */
  readonly pausedBy: string | undefined;
  /** Whether tasks take all slots. Then no class claims, perhaps for hours, although nothing is wrong. */
  readonly isFull: boolean;
}

const claimFailures: Readonly<Record<Exclude<ClaimOutcome, 'task' | 'no-work'>, string>> = {
  refused: 'the runner API refuses its token',
  throttled: 'the runner API asks for fewer claims',
  'server-error': 'the runner API fails',
  malformed: 'the runner API gives an answer that cannot be used',
  'no-answer': 'the runner API does not answer',
};

/** Why no class claims before the first search for tasks that nobody watches. */
export const notSearched = 'the Kubernetes API has not said yet which tasks already run';

/** A replica is ready if it can run tasks: it knows the cluster, and claims of at least one class get answers. */
export function judgeReadiness({ classes, draining, synced }: ControllerState): Readiness {
  const lists = Object.entries(synced).flatMap(([kind, done]) =>
    done ? [] : [[kind, 'the Kubernetes API has not listed them yet'] as const],
  );
  const claims = [...classes].flatMap(([name, state]) => {
    const failure = describeObstacle(state);
    return failure === undefined ? [] : [[`claims of ${name}`, failure] as const];
  });
  const withoutTokens =
    classes.size === 0
      ? [['tokens', 'no Secret that could be read has a token of a resource class'] as const]
      : [];
  const drain = draining
    ? [['drain', 'no more tasks are claimed: this program is shutting down'] as const]
    : [];
  return {
    ready: drain.length === 0 && lists.length === 0 && classes.size > claims.length,
    failures: Object.fromEntries([...drain, ...lists, ...withoutTokens, ...claims]),
  };
}

/** Why a class cannot claim. Undefined: it can, when a slot is free. */
export function describeObstacle({ isFull, outcome, pausedBy }: ClassState): string | undefined {
  if (pausedBy !== undefined) return pausedBy;
  // What the runner API said long ago says nothing about the next claim, except that it refuses the token.
  if (isFull && outcome !== 'refused') return undefined;
  if (outcome === undefined) return 'the runner API has not answered yet';
  return outcome === 'task' || outcome === 'no-work' ? undefined : claimFailures[outcome];
}
