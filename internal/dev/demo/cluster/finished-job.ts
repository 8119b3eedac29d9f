import type { StepRecord } from '../../runner-api/queue/step-record.ts';
import type { TaskView } from '../../runner-api/queue/task-view.ts';
import { callsIn, type ReceivedRequest } from '../../runner-api/received-requests.ts';
import type { JobRow } from './job-table.ts';

/** A finished job, and all observations of it. */
export interface FinishedJob {
  /** Its last line in the table. */
  readonly row: JobRow;
  readonly task: TaskView;
  /** The runner API's requests with the task's tokens, in order. */
  readonly requests: readonly ReceivedRequest[];
  /** The names of its remaining Pods and Secrets. */
  readonly left: readonly string[];
}

/** The calls for a task, without those for steps. */
export function calls({ requests }: FinishedJob): string {
  return callsIn(requests)
    .filter((call) => !call.startsWith('step-'))
    .join(' ');
}

/** The steps of all tries, in order. */
export function stepsOf({ task }: FinishedJob): StepRecord[] {
  return task.claims.flatMap(({ steps }) => steps);
}

/** Whether a complete step of this name has matching output. */
export function hasWholeStep(job: FinishedJob, name: string, output: RegExp): boolean {
  return stepsOf(job).some(
    (step) => step.attributes?.name.includes(name) && output.test(step.output) && isWhole(step),
  );
}

/** Whether a step has a start, all of its output, and an end. */
export function isWhole({ attributes, end, sequences }: StepRecord): boolean {
  return (
    attributes !== undefined && end !== undefined && sequences.every((number, index) => number === index)
  );
}
