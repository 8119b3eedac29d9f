import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { claim } from '../../../clients/runner/calls/claim.ts';
import { taskConfiguration } from '../../../clients/runner/calls/task-configuration.ts';
import { volumeNames } from '../../../runner/names/names.ts';
import { repository } from '../../packer/repository.ts';

const file = 'docs/container-runner/security.md';
const read = (name: string) => readFileSync(join(repository, name), 'utf8');

/** The value of a constant that is not exported, such as `1024`, `10_000` or `8 << 20`. */
function constant(name: string, source: string): number {
  const [, digits = '', shift = '0'] =
    new RegExp(`const ${name} = ([\\d_]+)(?: << (\\d+))?;`).exec(read(source)) ?? [];
  return Number(digits.replaceAll('_', '')) << Number(shift);
}

test(`${file} has the limits of the programs`, () => {
  const page = read(file);
  const configuration = 'runner/task-configuration/read-task-configuration.ts';
  const transport = 'clients/kubernetes/transport.ts';
  for (const limit of [
    `${claim.answer.maxBytes / 2 ** 20} MiB for a claim`,
    `${taskConfiguration.answer.maxBytes / 2 ** 20} MiB for a task's configuration`,
    `${constant('maxObjectBytes', transport) / 2 ** 20} MiB for an object`,
    `${constant('maxPageBytes', transport) / 2 ** 20} MiB for a page`,
    `restarted after ${constant('longestEventBytes', 'clients/kubernetes/watch.ts') / 2 ** 20} MiB`,
    `at most ${constant('longestName', configuration)} characters`,
    `at most ${constant('mostContainers', configuration)} containers`,
    `${constant('mostVariables', configuration).toLocaleString('en')} variables`,
  ]) {
    expect(page.replace(/\s+/g, ' ')).toContain(limit);
  }
});

test(`${file} has the volumes that a template may not mount`, () => {
  for (const name of Object.values(volumeNames)) expect(read(file)).toContain(`\`${name}\``);
});
