import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@grafana/lezer-logql';
import { expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';

const file = 'docs/orchestrator/logs.md';
const read = (name: string) => readFileSync(join(repository, name), 'utf8');
const page = read(file);
const [, loki = ''] = /\*\*Grafana Loki\.\*\*(.*?)\n\*\*/s.exec(page) ?? [];
const queries = [...loki.matchAll(/^ {4}(\S.*)$/gm)].map(([, query = '']) => query);

/** The positions at which a query is not LogQL. */
function brokenPlaces(query: string): number[] {
  const places: number[] = [];
  parser.parse(query).iterate({ enter: ({ type, from }) => void (type.isError && places.push(from)) });
  return places;
}

test(`${file} has queries for Loki`, () => {
  expect(queries.length).toBeGreaterThan(1);
});

test.each(queries)('%s is LogQL, and leaves out lines that are not JSON', (query) => {
  expect(brokenPlaces(query)).toEqual([]);
  expect(query).toMatch(/\| json .*\| __error__=""/);
});

test('a query that is not LogQL is found', () => {
  expect(brokenPlaces('{namespace="ci"} | json code= [1h]')).not.toEqual([]);
});

test(`${file} has the tested versions`, () => {
  const [, receiver] = /\/filelogreceiver v(\S+)/.exec(read('internal/dev/log-recipes/go.mod')) ?? [];
  expect(page).toContain(`the \`filelog\` receiver ${receiver} read`);
  const { devDependencies } = JSON.parse(read('package.json'));
  expect(page).toContain(`(\`@grafana/lezer-logql\` ${devDependencies['@grafana/lezer-logql']})`);
});
