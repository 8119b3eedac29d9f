import type { ProgrammedAnswer } from '../runner-api/programmed-answer.ts';
import type { FakeCall } from '../runner-api/routes.ts';

/** A request that reached the runner API. */
export interface ObservedRequest {
  /** Undefined for a route that there is not. */
  readonly call: FakeCall | undefined;
  readonly answer: ProgrammedAnswer;
  readonly message: string;
  /** Processes of the task that lived when it arrived. */
  readonly alive: readonly string[];
}

/** All that was seen of a task from outside. */
export interface Observation {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly durationMs: number;
  /** How long this suite, which is the runner API as well, was held up meanwhile. */
  readonly stalledMs: number;
  /** It did not end, and had to be killed by this suite. */
  readonly hung: boolean;
  /** This suite killed the orchestrator as its plan says. */
  readonly killed: boolean;
  /** Something was done to the task's processes, so that their ends are not known beforehand. */
  readonly disturbed: boolean;
  readonly terminated: boolean;
  readonly requests: readonly ObservedRequest[];
  /** What was logged, if its reader has read everything. */
  readonly log: string | undefined;
  /** Processes of the task that lived when it had ended, and should not have. */
  readonly survivors: readonly string[];
  /** What it left in its working directory. */
  readonly files: readonly string[];
  /** Where the token was seen though it may not be. */
  readonly tokenSeen: readonly string[];
  /** Health checks that nobody answered though the orchestrator was there. */
  readonly silentProbes: number;
  /** How many disturbances of each kind were done. */
  readonly disturbances: ReadonlyMap<string, number>;
}
