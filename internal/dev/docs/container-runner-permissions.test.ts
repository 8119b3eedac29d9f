import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import * as resources from '../../../clients/kubernetes/resources.ts';
import { repository } from '../../packer/repository.ts';
import { permissionsFile as file, readPermissionsPage } from './permissions-page.ts';

const read = (name: string) => readFileSync(join(repository, name), 'utf8');
const page = readPermissionsPage();

/** The requests of the sources to the API server, as far as their text shows them. */
function listAsked(belongs: (name: string) => boolean): Set<string> {
  const text = globSync('{runner,cmd/container-agent}/**/*.ts', { cwd: repository })
    .filter((name) => !name.includes('.test.') && !name.includes('/fixtures/') && belongs(name))
    .map(read)
    .join('\n');
  const asked = new Set<string>();
  const add = (pattern: RegExp, ...verbs: readonly string[]) => {
    for (const [, resource] of text.matchAll(pattern))
      for (const verb of verbs) asked.add(`${resource} ${verb}`);
  };
  add(/client\.(\w+)\.(?:get|find)\(/g, 'get');
  add(/client\.(\w+)\.delete\(/g, 'delete');
  add(/client\.(\w+)\.list(?:Metadata|Page|At)?\(/g, 'list');
  add(/client\.(\w+)\.create\(/g, 'create');
  add(/createObject\(client\.(\w+)/g, 'create', 'get');
  add(/(?:informerOf|new Informer(?:<\w+>)?)\(\s*(?:this\.#)?client\.(\w+)/g, 'list', 'watch');
  if (/\bfollowLog\(/.test(text)) asked.add('pods/log get');
  return asked;
}

/** The rights of the example's Roles, which are the chart's. */
function listGiven(account: string): string[] {
  const roles = parseAllDocuments(read('examples/kubernetes/container-agent.yaml'))
    .map((document) => document.toJS())
    .filter(({ kind, metadata }) => /Role$/.test(kind) && metadata.name === account);
  return roles.flatMap(({ rules }: { rules: { resources: string[]; verbs: string[] }[] }) =>
    rules.flatMap(({ resources, verbs }) =>
      resources.flatMap((name) => verbs.map((verb) => `${name} ${verb}`)),
    ),
  );
}

/** The rights that the chart only gives with agent.ssh.enabled. */
const withSsh = ['gateways get', 'services get'];
const inLogging = (name: string) => name.startsWith('runner/collect-logs/');

test.each([
  { account: 'container-agent', used: page.ofController, belongs: (name: string) => !inLogging(name) },
  { account: 'logging-collector', used: page.ofCollector, belongs: inLogging },
])(`${file} has all requests of $account, and they are allowed`, ({ account, belongs, used }) => {
  const given = [...listGiven(account), ...withSsh];
  expect(new Set(used)).toEqual(listAsked(belongs));
  expect(used.filter((right) => !given.includes(right))).toEqual([]);
});

test(`${file} has every resource of the client`, () => {
  const names = Object.values(resources).flatMap((resource) => ('group' in resource ? [resource.name] : []));
  expect(names).toContain('pods');
  expect(names.filter((name) => !page.controllerSection.includes(`\`${name}\``))).toEqual([]);
});

test(`${file} has the chart's unused rights`, () => {
  const given = listGiven('container-agent');
  expect(page.unused.toSorted()).toEqual(given.filter((right) => !page.ofController.includes(right)).sort());
});
