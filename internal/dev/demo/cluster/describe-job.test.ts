import type { Pod, PodStatus } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { TaskQueue } from '../../runner-api/queue/task-queue.ts';
import { describeJob } from './describe-job.ts';

const runner = { name: 'x', hostname: '', ip: '', version: '' };

/** A task that was claimed this many times. */
function claimedTask(times: number) {
  const queue = new TaskQueue({ 'a/b': 'token' });
  const task = queue.submit({ resourceClass: 'a/b', configuration: { task_id: 'x' } });
  const handBack = () => queue.handBack(task.claims.at(-1)?.token ?? '', 'x');
  for (let count = 0; count < times; count++) {
    if (count > 0) handBack();
    queue.claim('token', runner);
  }
  const [token, allocation] = [task.claims.at(-1)?.token ?? '', task.claims.at(-1)?.allocation ?? ''];
  return { queue, task, handBack, token, allocation };
}

function podOf(allocation: string, status: PodStatus = {}, deletionTimestamp?: string): Pod {
  const annotations = { 'app.circleci.com/allocation': allocation };
  return {
    metadata: { annotations, ...(deletionTimestamp && { deletionTimestamp }) },
    spec: { nodeName: 'node', containers: [] },
    status,
  };
}

const primary = { name: 'container-0', image: 'x', imageID: '', ready: true, restartCount: 0 };
const running = { ...primary, state: { running: {} } };
const condition = { lastTransitionTime: '', status: 'True' };

test('a job that nobody has claimed is queued', () => {
  const queued = { phase: 'queued', tries: 0, node: '', reason: '' };
  expect(describeJob(claimedTask(0).task, undefined)).toEqual(queued);
});

const waiting = (reason: string, message?: string) => ({
  containerStatuses: [{ ...primary, state: { waiting: { reason, ...(message && { message }) } } }],
});

test.each<[string, string, PodStatus | undefined, string]>([
  ['claimed', 'it has no Pod', undefined, ''],
  ['starting', 'nothing is said of its Pod', {}, ''],
  ['starting', 'its init container runs', waiting('PodInitializing'), ''],
  ['starting', 'an image is missing', waiting('ErrImagePull', 'not\nthere'), 'ErrImagePull: not there'],
  [
    'starting',
    'no node takes its Pod',
    { conditions: [{ ...condition, type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
    'Unschedulable',
  ],
  ['running', 'its container runs', { containerStatuses: [running] }, ''],
  [
    'running',
    'an eviction is announced',
    {
      containerStatuses: [running],
      conditions: [{ ...condition, type: 'DisruptionTarget', reason: 'Evicted', message: 'by the API' }],
    },
    'Evicted: by the API',
  ],
  [
    'ending',
    'its container has ended',
    { containerStatuses: [{ ...primary, state: { terminated: { exitCode: 0 } } }] },
    '',
  ],
])('a claimed job is %s while %s', (phase, _seen, status, reason) => {
  const { allocation, task } = claimedTask(1);
  const pod = status && podOf(allocation, status);
  expect(describeJob(task, pod)).toEqual({ phase, reason, tries: 1, node: pod ? 'node' : '' });
});

test('a job whose Pod is being deleted is ending', () => {
  const { allocation, task } = claimedTask(1);
  const pod = podOf(allocation, { containerStatuses: [running] }, '2026-01-01T00:00:00Z');
  expect(describeJob(task, pod)).toMatchObject({ phase: 'ending' });
});

test('a job that was handed back shows the node of its last Pod until it is claimed again', () => {
  const { allocation, handBack, queue, task } = claimedTask(1);
  const pod = podOf(allocation, { containerStatuses: [running] });
  handBack();
  expect(describeJob(task, pod)).toMatchObject({ phase: 'handed back', tries: 1, node: 'node' });
  queue.claim('token', runner);
  expect(describeJob(task, pod)).toMatchObject({ phase: 'claimed', tries: 2, node: '' });
});

test('a failed job has a reason, and a successful one has none', () => {
  const failed = claimedTask(1);
  failed.queue.fail(failed.token, failed.allocation, 'too\nbad');
  expect(describeJob(failed.task, undefined)).toMatchObject({ phase: 'failed', reason: 'too bad' });
  const { allocation, queue, task, token } = claimedTask(2);
  queue.succeed(token);
  const conditions = [{ ...condition, type: 'DisruptionTarget', reason: 'Evicted' }];
  const succeeded = { phase: 'succeeded', reason: '', tries: 2, node: 'node' };
  expect(describeJob(task, podOf(allocation, { conditions }))).toEqual(succeeded);
});
