import type { FakeKubelet } from '../../fake-kubelet/fake-kubelet.ts';
import type { RecordedQueue } from '../../runner-api/queue/recorded-queue.ts';
import type { Tally } from '../tally.ts';
import { linesAbout, observe } from './evidence.ts';
import type { Fleet } from './fleet.ts';
import { isForgivablyLost, judgeStory, type ObservedTask } from './judge.ts';

/** The records of a run. */
export interface Records {
  readonly queue: RecordedQueue;
  readonly kubelet: FakeKubelet;
  readonly fleet: Fleet;
}

/** More stories than this explain nothing more. */
const mostStories = 5;
const mostLines = 60;

/** Judges all tasks, and prints the stories of faulty ones. @returns the number of faulty tasks */
export function reportTasks({ fleet, kubelet, queue }: Records, tally: Tally): number {
  const podsByTask = Map.groupBy(kubelet.records, ({ taskId }) => taskId);
  let wrong = 0;
  for (const task of queue.tasks) {
    const observed = observe(task, queue, podsByTask.get(task.taskId) ?? []);
    const problems = judgeStory(observed, fleet.deaths);
    count(observed, fleet, tally);
    if (problems.length === 0) continue;
    wrong++;
    tally.add('tasks with something wrong');
    if (wrong > mostStories) continue;
    const names = observed.claims.flatMap(({ pods }) => pods.map(({ name }) => name));
    const lines = linesAbout([task.taskId, ...names], fleet.all).slice(-mostLines);
    console.error(
      [
        `${task.taskId} went wrong:`,
        ...problems.map((problem) => `  ${problem}`),
        `  ${JSON.stringify({ ...observed, message: task.message }, undefined, 1).replaceAll('\n', '\n  ')}`,
        ...lines.map((line) => `    ${line}`),
      ].join('\n'),
    );
  }
  for (const [name, times] of fleet.deaths) console.error(`${name} was killed at ${times.join(', ')}`);
  return wrong;
}

function count({ claims, state }: ObservedTask, { deaths }: Fleet, tally: Tally): void {
  tally.add('tasks');
  tally.add(`tasks ${state}`);
  tally.add('claims', claims.length);
  const last = claims.at(-1);
  if (last && isForgivablyLost({ state }, last, deaths)) tally.add('claims lost before their Secret');
  for (const { pods, reports } of claims) {
    for (const { story } of pods) tally.add(`Pods: ${story.ending.kind}`);
    for (const { by, taken, what } of reports) tally.add(`${what} by the ${by}${taken ? '' : ', not taken'}`);
  }
}
