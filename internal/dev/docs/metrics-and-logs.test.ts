import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ClaimOutcome } from '../../../runner/claims/claim-loop.ts';
import { judgeReadiness } from '../../../runner/controller/readiness.ts';
import { testWorld } from '../../../runner/life/fixtures/test-world.ts';
import { TaskEnding } from '../../../runner/life/task-ending.ts';
import { Metrics } from '../../../runner/observability/metrics.ts';
import { repository } from '../../packer/repository.ts';

const file = 'docs/container-runner/metrics-and-logs.md';
const page = readFileSync(path.join(repository, file), 'utf8');
const outcomes: Readonly<Record<ClaimOutcome, true>> = {
  task: true,
  'no-work': true,
  malformed: true,
  refused: true,
  throttled: true,
  'server-error': true,
  'no-answer': true,
};

/** The text of all metrics, each of which has something to tell. */
function scrape(): Promise<string> {
  const metrics = new Metrics();
  metrics.watchGauges({
    tasks: () => ({ pending: 1, running: 1 }),
    slots: 2,
    slotsUsed: () => 1,
    answerAges: () => new Map([['a.b', 1]]),
  });
  metrics.claimed('a/b', 'task');
  metrics.podCreated('a/b', 1);
  metrics.podReached('a/b', 'scheduled', 1);
  metrics.podReached('a/b', 'running', 1);
  metrics.taskEnded('a/b', 'done');
  metrics.kubernetesRequest('get', 'pods', 200);
  metrics.watchBegun('pods');
  metrics.garbageCollected('pod');
  metrics.taskTakenOver();
  metrics.constraintsChecked('a/b', true);
  metrics.configurationRejected();
  return metrics.text();
}

/** The names of the labels of each metric; the buckets of a histogram are not its own. */
function labelsOf(text: string, name: string): string[] {
  const [, labels = ''] = new RegExp(`^${name}(?:_sum)?\\{([^}]*)\\}`, 'm').exec(text) ?? [];
  return [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
}

test(`${file} has every metric with its type and labels`, async () => {
  const text = await scrape();
  const metrics = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => ({
    name,
    type,
    labels: labelsOf(text, name),
  }));
  const rows = [...page.matchAll(/^\| `(container_agent_\w+)` \| (\w+) \| (none|[`\w, ]+) \| [^|]+ \|$/gm)];
  const documented = rows.map(([, name = '', type = '', labels = '']) => ({
    name,
    type,
    labels: labels === 'none' ? [] : labels.replaceAll('`', '').split(', '),
  }));
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  expect(documented.toSorted(byName)).toEqual(metrics.toSorted(byName));
});

test(`every metric that an alert of ${file} asks for is there`, async () => {
  const [, alerts = ''] = /### Alerts\n+```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const asked = [...alerts.matchAll(/container_agent_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''));
  const text = await scrape();
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((name) => !text.includes(`# TYPE ${name} `))).toEqual([]);
});

test.each(Object.keys(outcomes))(`${file} has the outcome %s of a claim`, (outcome) => {
  expect(page).toContain(`\`${outcome}\``);
});

test(`${file} has all that /ready may say`, () => {
  const state = (outcome: ClaimOutcome | undefined) => ({ outcome, pausedBy: undefined, isFull: false });
  const classes = new Map(
    [...Object.keys(outcomes), undefined].map((name) => [
      String(name),
      state(name as ClaimOutcome | undefined),
    ]),
  );
  const synced = { pods: false, events: false };
  const states = [
    { draining: true, synced, classes },
    { draining: false, synced, classes: new Map() },
  ];
  const failures = states.flatMap((state) => Object.entries(judgeReadiness(state).failures));
  const parts = failures.map(([part]) => part.replace(/^claims of .*/, 'claims of …'));
  expect(failures.length).toBeGreaterThan(8);
  expect(parts.filter((part) => !page.includes(`\`${part}\``))).toEqual([]);
  expect(failures.map(([, words]) => words).filter((words) => !page.includes(`\`${words}\``))).toEqual([]);
});

test(`${file} has every field of the line of a task`, async () => {
  const { lines, signal, world } = await testWorld();
  const claim = { allocation: 'a', resourceClass: 'a/b', token: 't' };
  const ending = new TaskEnding(world, claim);
  ending.begin({ ...claim, podName: 'p', taskId: 'id', unsafeRetries: false });
  await ending.fail({ reason: 'defect', retry: 'never', message: 'm' }, signal);
  const line = lines.find(({ message }) => message === 'service-work');
  const [, section = ''] = page.split('### The line of a task');
  const cells = [...section.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
  const documented = cells.flatMap((cell) => [...cell.matchAll(/`([\w.]+)`/g)].map(([, name]) => name));
  expect(documented.toSorted()).toEqual(Object.keys(line?.fields ?? {}).sort());
});
