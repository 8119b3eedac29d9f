import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ClaimOutcome, noToken } from '../../../runner/claims/claim-loop.ts';
import { type ClassState, judgeReadiness } from '../../../runner/controller/readiness.ts';
import { testTaskContext } from '../../../runner/life/fixtures/test-task-context.ts';
import { TaskLife } from '../../../runner/life/task-life.ts';
import { repository } from '../../packer/repository.ts';
import { claimOutcomes, scrapeMetrics } from '../monitoring/fixtures/scrape-metrics.ts';
import { readMetrics } from '../monitoring/metric-catalog.ts';

const file = 'docs/container-runner/metrics-and-logs.md';
const page = readFileSync(join(repository, file), 'utf8');
test(`${file} has every metric with its type and labels`, async () => {
  const metrics = [...readMetrics(await scrapeMetrics())].map(([name, { labels, type }]) => ({
    name,
    type,
    labels: [...labels.keys()],
  }));
  const rows = [...page.matchAll(/^\| `(\w+_\w+)` \| (\w+) \| (none|[`\w, ]+) \| [^|]+ \|$/gm)];
  const documented = rows.map(([, name = '', type = '', labels = '']) => ({
    name,
    type,
    labels: labels === 'none' ? [] : labels.replaceAll('`', '').split(', '),
  }));
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  expect(documented.toSorted(byName)).toEqual(metrics.toSorted(byName));
});

test.each(claimOutcomes)(`${file} has the outcome %s of a claim`, (outcome) => {
  expect(page).toContain(`\`${outcome}\``);
});

test(`${file} has every possible answer of /ready`, () => {
  const state = (outcome: ClaimOutcome | undefined): ClassState => ({
    outcome,
    pausedBy: undefined,
    isFull: false,
  });
  const classes = new Map([...claimOutcomes, undefined].map((name) => [String(name), state(name)]));
  classes.set('without a token', { ...state(undefined), pausedBy: noToken });
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

test(`${file} has every field of a task's line`, async () => {
  const { lines, signal, context } = await testTaskContext();
  const claim = { allocation: 'a', resourceClass: 'a/b', token: 't' };
  const life = new TaskLife(context, claim);
  life.begin({ ...claim, podName: 'p', taskId: 'id', unsafeRetries: false });
  await life.fail({ reason: 'defect', retry: 'never', message: 'm' }, signal);
  const line = lines.find(({ message }) => message === 'service-work');
  const [, section = ''] = page.split('### The last line of a task');
  const cells = [...section.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
  const documented = cells.flatMap((cell) => [...cell.matchAll(/`([\w.]+)`/g)].map(([, name]) => name));
  expect(documented.toSorted()).toEqual(Object.keys(line?.fields ?? {}).sort());
});
