import { delay } from '../../../delay.ts';
import type { TaskView } from '../../runner-api/queue/task-view.ts';
import type { Sightings } from '../../testing/cluster/sightings.ts';
import { describeJob } from './describe-job.ts';
import { type JobRow, tableLine } from './job-table.ts';
import type { LiveTable } from './live-table.ts';

const everyMs = 200;

/** A submitted job, and the times at which each phase was first seen. */
export class FollowedJob {
  readonly task: TaskView;
  readonly #sightings: Sightings;
  readonly #beginMs = performance.now();
  readonly #seen = new Map<string, number>();

  constructor(task: TaskView, sightings: Sightings) {
    this.task = task;
    this.#sightings = sightings;
  }

  /** Its current line. */
  look(): JobRow {
    const { taskId } = this.task;
    const state = describeJob(this.task, this.#sightings.pods(taskId).at(-1));
    const { phase, tries } = state;
    return {
      name: taskId,
      ...state,
      claimedMs: this.#since(`claimed ${tries}`, tries > 0),
      runningMs: this.#since(`running ${tries}`, phase === 'running'),
      endedMs: this.#since(`ended ${tries}`, ['handed back', 'succeeded', 'failed'].includes(phase)),
    };
  }

  /** The names of its remaining Pods and Secrets. */
  get left(): string[] {
    return this.#sightings.left(this.task.taskId);
  }

  /** Whether no more reports will come: a task is over for its owner before its steps are. */
  get isOver(): boolean {
    const { claims, state } = this.task;
    if (state === 'queued' || state === 'claimed') return false;
    return claims.every(({ steps }) => steps.every(({ end }) => end !== undefined));
  }

  #since(what: string, holds: boolean): number | undefined {
    if (holds && !this.#seen.has(what)) this.#seen.set(what, performance.now() - this.#beginMs);
    return this.#seen.get(what);
  }
}

/**
 * Shows the progress of jobs, until all are over and nothing of them is left.
 *
 * @param podsStay whether the Pods of finished jobs stay
 * @throws the signal's reason
 */
export async function followJobs(
  jobs: readonly FollowedJob[],
  podsStay: boolean,
  table: LiveTable,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const areOver = jobs.every((job) => job.isOver && (podsStay || job.left.length === 0));
    table.show(jobs.map((job) => tableLine(job.look())));
    if (areOver) return;
    await delay(everyMs, signal);
  }
}
