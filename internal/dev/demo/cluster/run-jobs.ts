import { addresses } from '../../cluster/addresses.ts';
import { type FakeRunnerApi, startFakeRunnerApi } from '../../runner-api/fake-runner-api.ts';
import { TaskQueue } from '../../runner-api/queue/task-queue.ts';
import type { TaskView } from '../../runner-api/queue/task-view.ts';
import { installContainerRunner } from '../../testing/cluster/container-runner.ts';
import { startImageRegistry } from '../../testing/cluster/image-registry.ts';
import { Sightings } from '../../testing/cluster/sightings.ts';
import { print, say } from '../screen.ts';
import { demoImages } from './demo-images.ts';
import { evictJob } from './evict-job.ts';
import { FollowedJob, followJobs } from './follow-jobs.ts';
import { tableHead } from './job-table.ts';
import { type DemoJob, demoJobs, resourceClasses } from './jobs.ts';
import { LiveTable } from './live-table.ts';
import type { ClusterRecording } from './summary.ts';

/** The place where the jobs run. */
export interface DemoStage {
  readonly namespace: string;
  /** Whether the Pods of finished jobs stay. */
  readonly podsStay: boolean;
  /** Gets the objects that are to be removed last. */
  readonly installed: AsyncDisposableStack;
}

/**
 * Installs the container runner, submits the jobs, and shows them in a table until they are over.
 *
 * @returns the observations
 * @throws the signal's reason
 */
export async function runJobs(
  { installed, namespace, podsStay }: DemoStage,
  signal: AbortSignal,
): Promise<Pick<ClusterRecording, 'jobs' | 'requests'>> {
  const tokens = Object.fromEntries(Object.keys(resourceClasses).map((name) => [name, `token-of-${name}`]));
  const queue = new TaskQueue(tokens);
  await using api = await startFakeRunnerApi({ host: addresses.machine, tasks: queue });
  await using registry = await startImageRegistry({});
  const runner = await installContainerRunner({
    ...{ namespace, tokens, classes: resourceClasses, images: demoImages, runnerApiUrl: api.url },
    variables: {
      RUNNER_IMAGE_ERROR_GRACE: '5s',
      KUBE_DISABLE_POD_DELETION_ON_TASK_CLEANUP: String(podsStay),
    },
  });
  installed.use(runner);
  say('demo', `has installed the container runner in the namespace ${namespace}, and submits the jobs`);
  await using sightings = new Sightings(namespace);
  const jobs = demoJobs(registry.nameOf('no-such-image')).map((job) => {
    const followed = new FollowedJob(submit(job, queue, api), sightings);
    return { ...job, followed };
  });
  print('');
  const table = new LiveTable(tableHead);
  const all = jobs.map(({ followed }) => followed);
  await Promise.all([
    followJobs(all, podsStay, table, signal),
    evictJob('evicted', sightings, table, signal),
  ]);
  const seen = jobs.map(({ followed, ...job }) => {
    const { left, task } = followed;
    return { ...job, task, left, row: followed.look(), requests: api.of(job.name) };
  });
  return { jobs: seen, requests: api.requests };
}

/** @returns the task, which keeps changing */
function submit(job: DemoJob, queue: TaskQueue, api: FakeRunnerApi): TaskView {
  const { configuration, firstConfiguration, name, resourceClass } = job;
  if (firstConfiguration !== undefined) {
    const body = JSON.stringify({ ...firstConfiguration, task_id: name });
    const headers = { 'Content-Type': 'application/json' };
    api.answer('task-configuration', [{ status: 200, headers, body }, {}], name);
  }
  return queue.submit({ resourceClass, configuration: { ...configuration, task_id: name } });
}
