import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { repository } from '../../packer/repository.ts';
import { listAnchors } from '../docs/markdown.ts';
import { findMistakes, listGroupings } from './find-mistakes.ts';
import { scrapeMetrics } from './fixtures/scrape-metrics.ts';
import { readMetrics } from './metric-catalog.ts';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const read = (file: string) => readFileSync(join(repository, file), 'utf8');
const alerts: readonly Alert[] = parse(read('examples/monitoring/alerts.yaml')).groups.flatMap(
  ({ rules }: { rules: Alert[] }) => rules,
);
const dashboard = JSON.parse(read('examples/monitoring/dashboard.json'));
const panels: readonly Panel[] = dashboard.panels;
const variables: readonly { name: string; definition?: string }[] = dashboard.templating.list;
const runbookFile = 'docs/container-runner/runbook.md';
const runbook = read(runbookFile);
const metrics = readMetrics(await scrapeMetrics());
// This is Prometheus' own metric.
metrics.set('up', { type: 'gauge', labels: new Map() });

/** The part of the runbook below a heading. */
function sectionOf(anchor: string): string {
  const sections = runbook.split(/^(?=#+ )/m);
  return sections.find((section) => listAnchors(section)[0] === anchor) ?? '';
}

test.each(alerts)('the alert $alert only uses existing metrics', ({ expr }) => {
  expect(findMistakes(expr, metrics)).toEqual([]);
});

test.each(alerts)(
  'the alert $alert links to a section of the runbook that names it',
  ({ alert, annotations }) => {
    const [page, anchor = ''] = annotations.runbook_url.split('#');
    expect(page).toBe(`https://github.com/circleci/runner-init/blob/main/${runbookFile}`);
    expect(sectionOf(anchor)).toContain(`\`${alert}\``);
  },
);

test('the runbook only names existing alerts', () => {
  const named = [...runbook.matchAll(/`(ContainerRunner\w+)`/g)].map(([, name]) => name);
  expect(new Set(named)).toEqual(new Set(alerts.map(({ alert }) => alert)));
});

test('every query of the runbook only uses existing metrics', () => {
  const blocks = [...runbook.matchAll(/^```promql\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  const queries = blocks
    .flatMap((block) => block.trim().split('\n'))
    .map((line) => line.replace(/ +#.*$/, ''));
  expect(queries.length).toBeGreaterThan(5);
  expect(
    queries.flatMap((query) => findMistakes(query, metrics).map((mistake) => `${query}: ${mistake}`)),
  ).toEqual([]);
});

test('the log has every event that a filter of the runbook looks for', () => {
  const events = [...runbook.matchAll(/\.msg == "([^"]+)"/g)].map(([, event]) => event);
  const page = read('docs/container-runner/troubleshooting.md');
  expect(events.length).toBeGreaterThan(2);
  expect(events.filter((event) => !page.includes(`| \`${event}\``))).toEqual([]);
});

test('the runbook has the obstacles of a class in the words of /ready', () => {
  const reasons = [...sectionOf('a-class-cannot-claim').matchAll(/^\| (`[^|]+) \|/gm)].flatMap(
    ([, cell = '']) => [...cell.matchAll(/`(?:… )?([^`]+?)(?:, …)?`/g)].map(([, reason = '']) => reason),
  );
  const sources = globSync('{runner,cmd/container-agent}/**/*.ts', { cwd: repository })
    .filter((name) => !name.includes('.test.'))
    .map(read)
    .join('\n');
  expect(reasons.length).toBeGreaterThan(8);
  expect(reasons.filter((reason) => !sources.includes(reason))).toEqual([]);
});

test.each(panels.filter(({ type }) => type !== 'row'))(
  'the panel $title only uses existing metrics, and its legend labels of the result',
  ({ targets = [] }) => {
    expect(targets).not.toEqual([]);
    for (const { expr, legendFormat } of targets) {
      expect(findMistakes(expr, metrics)).toEqual([]);
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      const given = listGroupings(expr);
      // A query without grouping keeps the labels of the target.
      expect(
        named.filter((label) => !(given.length > 0 ? given : ['pod', 'namespace']).includes(label)),
      ).toEqual([]);
    }
  },
);

test('the variables of the dashboard only use existing metrics', () => {
  const queries = variables.flatMap(({ definition }) =>
    definition === undefined ? [] : [/^label_values\((.*), (\w+)\)$/.exec(definition)],
  );
  expect(queries).toHaveLength(2);
  for (const query of queries) {
    const [, selector = '', label] = query ?? [];
    expect(findMistakes(`sum by (${label}) (${selector})`, metrics)).toEqual([]);
  }
});

test('every metric has a panel', () => {
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n');
  expect([...metrics.keys()].filter((name) => name !== 'up' && !queries.includes(name))).toEqual([]);
});

test('no panel covers another, and each has its own id', () => {
  const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
test('promtool tests when each alert fires, and when it does not', () => {
  const { tests } = parse(read('internal/dev/monitoring/alerts.test.yaml'));
  const checks: readonly { readonly alertname: string; readonly exp_alerts?: unknown }[] = tests.flatMap(
    ({ alert_rule_test }: { alert_rule_test: object[] }) => alert_rule_test,
  );
  const tested = (fires: boolean) =>
    new Set(checks.filter((it) => (it.exp_alerts !== undefined) === fires).map(({ alertname }) => alertname));
  const names = new Set(alerts.map(({ alert }) => alert));
  expect(tested(true)).toEqual(names);
  expect(tested(false)).toEqual(names);
});
