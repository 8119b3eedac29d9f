import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parser } from '@grafana/lezer-logql';
import { expect, test } from 'vitest';
import { repository } from '../../packer/repository.ts';

const file = 'docs/orchestrator/logs.md';
const page = readFileSync(path.join(repository, file), 'utf8');
const [, loki = ''] = /\*\*Grafana Loki\.\*\*(.*?)\n\*\*/s.exec(page) ?? [];
const queries = [...loki.matchAll(/^ {4}(\S.*)$/gm)].map(([, query = '']) => query);

/** Where a query is not LogQL. */
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

test('what is not LogQL is found', () => {
  expect(brokenPlaces('{namespace="ci"} | json code= [1h]')).not.toEqual([]);
});
