import type { ProgrammedAnswer } from '../../runner-api/programmed-answer.ts';
import type { TaskCall } from './plan-answers.ts';

/** A request that reached the runner API. */
export interface ObservedRequest {
  /** Undefined for any other route. */
  readonly call: TaskCall | undefined;
  readonly answer: ProgrammedAnswer;
  readonly message: string;
  /** The task's processes that were alive when it arrived. */
  readonly alive: readonly string[];
}

/** All observations of a task from outside. */
export interface Observation {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly durationMs: number;
  /** The time for which this suite itself was delayed. It is also the runner API. */
  readonly stalledMs: number;
  /** The task did not end, and this suite had to kill it. */
  readonly hung: boolean;
  /** This suite killed the orchestrator as its plan says. */
  readonly killed: boolean;
  /** The task's processes were disturbed, so their ends cannot be predicted. */
  readonly disturbed: boolean;
  readonly terminated: boolean;
  readonly requests: readonly ObservedRequest[];
  /** The log, if its reader has read everything. */
  readonly log: string | undefined;
  /** The task's processes that were still alive after its end, but must not be. */
  readonly survivors: readonly string[];
  /** The files that it left in its working directory. */
  readonly files: readonly string[];
  /** The forbidden places in which the token was seen. */
  readonly tokenSeen: readonly string[];
  /** The number of health checks without an answer while the orchestrator was running. */
  readonly silentProbes: number;
  /** The number of disturbances of each kind. */
  readonly disturbances: ReadonlyMap<string, number>;
}
