import { waitFor } from '../../testing/wait-for.ts';
import type { Figures } from '../measures.ts';
import { jobStory, setUpPlant } from './plant.ts';

/* CircleCI's published benchmark: this many tasks at once for one replica, which may have 80 at a time. */
const tasks = 128;
const slots = 80;

/** Values that the benchmark does not give, ms. With them, a controller that adds nothing comes near its average. */
const assumed = { jobMs: 45_000, startMs: 3000 } as const;

/** The time from the submission of a task to its running job, s. */
export async function measureQueue(interrupted: AbortSignal): Promise<Figures> {
  const nextStory = () => jobStory(assumed.jobMs, assumed.startMs);
  await using plant = await setUpPlant({ slots, claimEveryMs: 0, nextStory });
  await waitFor('the controller', () => plant.controller.readLog().includes('"msg":"claiming"'));
  const beginMs = Date.now();
  for (let task = 0; task < tasks; task++) plant.submit();
  const started = () => plant.kubelet.records.flatMap(({ startedMs }) => startedMs ?? []);
  const allRun = () => {
    interrupted.throwIfAborted();
    return started().length === tasks;
  };
  await waitFor('all jobs to run', allRun, { limitMs: 600_000, everyMs: 100 });
  const waits = started().map((startedMs) => (startedMs - beginMs) / 1000);
  return {
    queueAverage: waits.reduce((sum, wait) => sum + wait, 0) / tasks,
    queueLongest: Math.max(...waits),
  };
}
