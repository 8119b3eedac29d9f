import { expect, test } from 'vitest';
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
    (metrics) => metrics.taskEnded('a/b', 'done'),
    ['{resource_class="a.b",end="done"} 1'],
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
  ['tasks_taken_over_total', (metrics) => metrics.taskTakenOver(), [' 1']],
  ['configuration_rejected_total', (metrics) => metrics.configurationRejected(), [' 1']],
])('%s counts what it is called for', async (name, act, samples) => {
  const metrics = new Metrics();
  act(metrics);
  expect(await samplesOf(metrics, name)).toEqual(samples.map((sample) => `container_agent_${name}${sample}`));
});

test('what is asked of others is as it is at each scrape', async () => {
  const metrics = new Metrics();
  const ages = new Map([['a.b', 3]]);
  const tasks = { pending: 1, running: 2 };
  metrics.watchGauges({ tasks: () => tasks, slots: 8, slotsUsed: () => 3, answerAges: () => ages });
  expect(await samplesOf(metrics, 'tasks{')).toEqual([
    'container_agent_tasks{phase="pending"} 1',
    'container_agent_tasks{phase="running"} 2',
  ]);
  expect(await samplesOf(metrics, 'slots')).toEqual([
    'container_agent_slots{state="all"} 8',
    'container_agent_slots{state="used"} 3',
  ]);
  expect(await samplesOf(metrics, 'claim_answer_age')).toEqual([
    'container_agent_claim_answer_age_seconds{resource_class="a.b"} 3',
  ]);
  ages.delete('a.b');
  tasks.running = 5;
  expect(await samplesOf(metrics, 'tasks{')).toContain('container_agent_tasks{phase="running"} 5');
  expect(await samplesOf(metrics, 'claim_answer_age')).toEqual([]);
});
