import { expect, onTestFinished, test, vi } from 'vitest';
import { version } from '../../internal/version.ts';
import { readyReplica } from './fixtures/ready-replica.ts';
import type { Gauges, ReplicaState } from './gauges.ts';
import { Metrics } from './metrics.ts';

/** The samples of one metric, without those of buckets. */
async function samplesOf(metrics: Metrics, name: string): Promise<string[]> {
  const lines = (await metrics.text()).split('\n');
  return lines.filter((line) => line.startsWith(`container_agent_${name}`) && !line.includes('_bucket{'));
}

test.each<[string, (metrics: Metrics) => void, string[]]>([
  [
    'claims_total',
    (metrics) => metrics.claimed('a.b', 'no-work'),
    ['{resource_class="a.b",outcome="no-work"} 1'],
  ],
  [
    'task_pod_created_seconds',
    (metrics) => metrics.podCreated('a/b', 0.2),
    ['_sum{resource_class="a.b"} 0.2', '_count{resource_class="a.b"} 1'],
  ],
  [
    'task_pod_scheduled_seconds',
    (metrics) => metrics.podReached('a/b', 'scheduled', 1),
    ['_sum{resource_class="a.b"} 1', '_count{resource_class="a.b"} 1'],
  ],
  [
    'task_running_seconds',
    (metrics) => metrics.podReached('a/b', 'running', 2),
    ['_sum{resource_class="a.b"} 2', '_count{resource_class="a.b"} 1'],
  ],
  [
    'tasks_ended_total',
    (metrics) => {
      metrics.taskEnded('a/b', 'done', undefined, 60);
      metrics.taskEnded('a/b', 'handed-back', 'unschedulable', 600);
    },
    [
      '{resource_class="a.b",end="done",reason="none"} 1',
      '{resource_class="a.b",end="handed-back",reason="unschedulable"} 1',
    ],
  ],
  [
    'task_ended_seconds',
    (metrics) => {
      metrics.taskEnded('a/b', 'done', undefined, 60);
      metrics.taskEnded('a/b', 'failed', 'out-of-memory', undefined);
    },
    ['_sum{resource_class="a.b"} 60', '_count{resource_class="a.b"} 1'],
  ],
  [
    'runner_requests_total',
    (metrics) => {
      metrics.runnerRequest('claim', 204);
      metrics.runnerRequest('fail', 0);
    },
    ['{call="claim",code="204"} 1', '{call="fail",code="none"} 1'],
  ],
  [
    'kubernetes_requests_total',
    (metrics) => {
      metrics.kubernetesRequest('get', 'pods', 200);
      metrics.kubernetesRequest('watch', 'pods', 0);
    },
    ['{verb="get",resource="pods",code="200"} 1', '{verb="watch",resource="pods",code="none"} 1'],
  ],
  ['kubernetes_watches_total', (metrics) => metrics.watchBegun('events'), ['{resource="events"} 1']],
  ['garbage_collected_total', (metrics) => metrics.garbageCollected('secret'), ['{kind="secret"} 1']],
  [
    'sweeps_total',
    (metrics) => metrics.swept('failed'),
    ['{result="complete"} 0', '{result="incomplete"} 0', '{result="failed"} 1'],
  ],
  ['tasks_taken_over_total', (metrics) => metrics.taskTakenOver(), [' 1']],
  [
    'constraint_checks_total',
    (metrics) => metrics.constraintsChecked('a/b', false),
    ['{resource_class="a.b",result="no-node"} 1'],
  ],
  ['configuration_rejected_total', (metrics) => metrics.configurationRejected(), [' 1']],
])('%s counts its events', async (name, act, samples) => {
  const metrics = new Metrics();
  act(metrics);
  expect(await samplesOf(metrics, name)).toEqual(samples.map((sample) => `container_agent_${name}${sample}`));
});

/** The metrics of a ready replica, unless a test says otherwise. */
function watched(change: Partial<Gauges> = {}): Metrics {
  const metrics = new Metrics();
  metrics.watchGauges({ ...readyReplica, ...change });
  return metrics;
}

test('the failures of a claiming class are counted from 0', async () => {
  const metrics = new Metrics();
  metrics.claimingBegun('a/b');
  metrics.taskEnded('a/b', 'failed', 'defect', 1);
  const ended = 'container_agent_tasks_ended_total{resource_class="a.b"';
  const samples = await samplesOf(metrics, 'tasks_ended_total');
  expect(samples).toContain(`${ended},end="failed",reason="defect"} 1`);
  expect(samples).toContain(`${ended},end="handed-back",reason="unschedulable"} 0`);
});

test('the longest wait of a task is shown until the wait ends', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const metrics = new Metrics();
  const waits = () => samplesOf(metrics, 'longest_wait_seconds');
  expect(await waits()).toEqual([]);
  const first = metrics.waits('a/b', 'running');
  vi.advanceTimersByTime(2000);
  const second = metrics.waits('a/b', 'running');
  metrics.waits('a/b', 'reported');
  vi.advanceTimersByTime(3000);
  const longest = (until: string, seconds: number) =>
    `container_agent_longest_wait_seconds{resource_class="a.b",until="${until}"} ${seconds}`;
  expect((await waits()).toSorted()).toEqual([longest('reported', 3), longest('running', 5)]);
  first();
  first();
  expect(await waits()).toContain(longest('running', 3));
  second();
  expect(await waits()).toEqual([longest('reported', 3)]);
});

test('the state is one of three, and a draining replica has no free slot and no claiming class', async () => {
  let state: ReplicaState = 'not-ready';
  const metrics = watched({
    state: () => state,
    classes: () =>
      new Map([
        ['a.b', true],
        ['a.c', false],
      ]),
    configurationAccepted: () => false,
  });
  const replica = 'container_agent_replica_state';
  expect(await samplesOf(metrics, 'replica_state')).toEqual([
    `${replica}{state="ready"} 0`,
    `${replica}{state="not-ready"} 1`,
    `${replica}{state="draining"} 0`,
  ]);
  expect(await samplesOf(metrics, 'resource_class_ready')).toEqual([
    'container_agent_resource_class_ready{resource_class="a.b"} 1',
    'container_agent_resource_class_ready{resource_class="a.c"} 0',
  ]);
  expect(await samplesOf(metrics, 'configuration_accepted')).toEqual([
    'container_agent_configuration_accepted 0',
  ]);
  state = 'draining';
  expect(await samplesOf(metrics, 'replica_state')).toContain(`${replica}{state="draining"} 1`);
  expect(await samplesOf(metrics, 'resource_class_ready')).toEqual([]);
  expect(await samplesOf(metrics, 'slots')).toContain('container_agent_slots{state="free"} 0');
});

test('more tasks than slots leave none free', async () => {
  expect(await samplesOf(watched({ slotsUsed: () => 9 }), 'slots')).toContain(
    'container_agent_slots{state="free"} 0',
  );
});

test('the version and the start of the process are there from the beginning', async () => {
  const text = await new Metrics().text();
  expect(text).toContain(`container_agent_build_info{version="${version}"} 1`);
  const [, started] = /^process_start_time_seconds ([\d.]+)$/m.exec(text) ?? [];
  expect(Number(started)).toBeCloseTo(performance.timeOrigin / 1000);
});

test('each scrape shows the current values of the gauges', async () => {
  const ages = new Map([['a.b', 3]]);
  const tasks = { pending: 1, running: 2 };
  const metrics = watched({ tasks: () => tasks, answerAges: () => ages });
  expect(await samplesOf(metrics, 'tasks{')).toEqual([
    'container_agent_tasks{phase="pending"} 1',
    'container_agent_tasks{phase="running"} 2',
  ]);
  expect(await samplesOf(metrics, 'slots')).toEqual([
    'container_agent_slots{state="all"} 8',
    'container_agent_slots{state="used"} 3',
    'container_agent_slots{state="free"} 5',
  ]);
  expect(await samplesOf(metrics, 'claim_answer_age')).toEqual([
    'container_agent_claim_answer_age_seconds{resource_class="a.b"} 3',
  ]);
  ages.delete('a.b');
  tasks.running = 5;
  expect(await samplesOf(metrics, 'tasks{')).toContain('container_agent_tasks{phase="running"} 5');
  expect(await samplesOf(metrics, 'claim_answer_age')).toEqual([]);
});
