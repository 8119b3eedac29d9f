import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { initOptions, overrideOptions } from '../../../cmd/orchestrator/options.ts';
import { nameOf, type OptionRule } from '../../options.ts';
import { repository } from '../../packer/repository.ts';

const page = readFileSync(join(repository, 'docs/orchestrator/configuration.md'), 'utf8');

/** The rows of the table of flags: the name, the variable, the default. */
const documented = [
  ...page.matchAll(/^\| `(--[\w-]+|[A-Z]+)[^|]*(?:\\\|[^|]*)*\| `(\w+)` \| `?([^|`]+)`? \|/gm),
].map(([, name, variable, value]) => ({ name, variable, default: value }));

test('docs/orchestrator/configuration.md has every flag and argument, with its variable and default', () => {
  const rules: OptionRule<unknown>[] = Object.values({ ...initOptions, ...overrideOptions });
  const expected = rules.map((rule) => ({
    name: nameOf(rule).replaceAll(/[[\]]/g, ''),
    variable: rule.variable,
    default: 'default' in rule ? rule.default : 'required',
  }));
  expect(documented).toEqual(expect.arrayContaining(expected));
  expect(documented).toHaveLength(expected.length);
});

test('the probes of examples/kubernetes/task.yaml ask at the default address', () => {
  const manifest = readFileSync(join(repository, 'examples/kubernetes/task.yaml'), 'utf8');
  const ports = [...manifest.matchAll(/^\s*(?:port|containerPort): (\d+)$/gm)].map(([, port]) => `:${port}`);
  expect(ports.length).toBeGreaterThan(0);
  expect(new Set(ports)).toEqual(new Set([overrideOptions.healthCheckAddr.default]));
});
