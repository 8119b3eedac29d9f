import type { StepRecord } from '../../runner-api/queue/step-record.ts';
import { callsIn, type ReceivedRequest } from '../../runner-api/received-requests.ts';
import { judge, type Promises } from '../promises.ts';
import { seconds, shorten, summarize, title } from '../screen.ts';
import { type FinishedJob, isWhole, stepsOf } from './finished-job.ts';
import type { JobRow } from './job-table.ts';
import type { DemoJob } from './jobs.ts';

/** The limits of a step's shown output: lines, and characters per line. */
const [shownLines, shownWidth] = [3, 100];

/** All observations of the jobs, in their order. */
export interface ClusterRecording {
  readonly jobs: readonly (DemoJob & FinishedJob)[];
  /** All requests to the runner API. */
  readonly requests: readonly ReceivedRequest[];
  /** Whether the Pods of finished jobs stay. */
  readonly podsStay: boolean;
  /** The time until the cluster was up, and the time after that, ms. */
  readonly upMs: number;
  readonly jobsMs: number;
}

/** Prints the results of the jobs. @returns whether every promise was kept */
export function printSummary(seen: ClusterRecording): boolean {
  title('Summary');
  for (const job of seen.jobs) {
    const received = `the runner API received ${describeCalls(job.requests)}`;
    summarize(job.name, [describeEnd(job.row), ...stepsOf(job).flatMap(describeStep), received].join('\n'));
  }
  const claims = seen.requests.filter(({ call }) => call === 'claim').length;
  const given = seen.jobs.reduce((count, { task }) => count + task.claims.length, 0);
  summarize('claims', `${claims}, of which ${given} were answered with a task`);
  summarize('took', `${seconds(seen.upMs)} until the cluster was up, ${seconds(seen.jobsMs)} for the rest`);
  return judge(promisesOf(seen.jobs), seen);
}

function promisesOf(jobs: ClusterRecording['jobs']): Promises<ClusterRecording> {
  const ofJobs = jobs.flatMap((job) =>
    Object.entries(job.promises).map(([promise, isKept]) => [`${job.name} ${promise}`, () => isKept(job)]),
  );
  return {
    ...Object.fromEntries(ofJobs),
    'every try has a lifecycle step that names its Pod, and all of every step arrived': () =>
      jobs.every((job) =>
        job.task.claims.every(({ steps }) => steps.some(isLifecycle) && steps.every(isWhole)),
      ),
    'no Pod and no Secret of a task is left, unless Pods are to stay': ({ podsStay }) =>
      podsStay || jobs.every(({ left }) => left.length === 0),
  };
}

function isLifecycle({ attributes, output }: StepRecord): boolean {
  return attributes?.name === 'Task lifecycle' && /^Pod ccita-\S+ was created/m.test(output);
}

function describeEnd({ endedMs = 0, node, phase, reason, tries }: JobRow): string {
  const end = `${phase} after ${seconds(endedMs)}, ${tries === 1 ? 'one try' : `${tries} tries`}`;
  return `${end}${node && `, on the node ${node}`}${reason && `\n${reason}`}`;
}

/** A step by its name, with the beginning of its output. */
function describeStep({ attributes, end, output }: StepRecord): string[] {
  const lines = output.trimEnd().split('\n');
  const more = lines.length - shownLines;
  return [
    `step "${attributes?.name ?? ''}": ${end?.result ?? 'not ended'}`,
    ...lines.slice(0, shownLines).map((line) => `  ${shorten(line, shownWidth)}`),
    ...(more > 0 ? [`  … ${more} more`] : []),
  ];
}

/** The calls in order. Equal calls in a row are shown as one, with their number. */
function describeCalls(requests: readonly ReceivedRequest[]): string {
  const runs: { call: string; count: number }[] = [];
  for (const call of callsIn(requests)) {
    const last = runs.at(-1);
    if (last?.call === call) last.count++;
    else runs.push({ call, count: 1 });
  }
  return runs.map(({ call, count }) => (count === 1 ? call : `${count} × ${call}`)).join(', ');
}
