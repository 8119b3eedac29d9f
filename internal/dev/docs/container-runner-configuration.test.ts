import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readResourceClasses } from '../../../runner/classes/read-resource-classes.ts';
import { variables } from '../../../runner/settings/controller-settings.ts';
import type { VariableRule } from '../../../runner/settings/rules.ts';
import { repository } from '../../packer/repository.ts';

const page = readFileSync(join(repository, 'docs/container-runner/configuration.md'), 'utf8');

/** Each row of the tables of variables: a name, and its default, which may be `empty`. */
const documented = new Map(
  [...page.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \| (?:`([^`]+)`|empty) \| [^|]+ \|$/gm)].map(
    ([, name = '', value = '']) => [name, value],
  ),
);
const rules = Object.entries<VariableRule<unknown>>(variables);

test('docs/container-runner/configuration.md has every variable and no other', () => {
  expect([...documented.keys()].sort()).toEqual(rules.map(([name]) => name).sort());
});

test.each(rules)('the default of %s is on the page', (name, rule) => {
  const text = documented.get(name) ?? '';
  // An empty variable means its default, so only an empty default may have no text on the page.
  if (text === '') expect(rule.default).toHaveLength(0);
  else expect(rule.parse(text)).toEqual(rule.default);
});

test('the page has every flag of container-agent check and no other', () => {
  const help = readFileSync(join(repository, 'cmd/container-agent/testdata/help-check.txt'), 'utf8');
  const flags = [...help.matchAll(/^ +(--[\w-]+) /gm)].map(([, name]) => name);
  expect(flags).toContain('--image');
  expect([...page.matchAll(/^\| `(--[\w-]+)` \|/gm)].map(([, name]) => name)).toEqual(flags);
});

test('the example of a task Pod configuration is read without a warning', () => {
  const [, yaml = ''] = /```yaml\n(resourceClasses:[\s\S]*?)```/.exec(page) ?? [];
  const { classes, warnings } = readResourceClasses(yaml);
  expect(warnings).toEqual([]);
  expect([...classes.byDottedName.keys()]).toEqual(['my-namespace.small', 'my-namespace.large']);
});
