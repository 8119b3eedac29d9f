import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  calls,
  callsKilledFor,
  KiB,
  limits,
  MiB,
  processesOfTask,
} from '../../../acceptance/orchestrator/node-needs.ts';
import { repository } from '../../packer/repository.ts';
import { listCodeSpans } from './markdown.ts';

const page = readFileSync(join(repository, 'docs/orchestrator/images-and-environments.md'), 'utf8');
const [, section = ''] = page.split('### What a node must give');

/** The second cell of the table's row whose first cell begins with this text. */
function atLeast(title: string): string {
  const row = section.split('\n').find((line) => line.startsWith(`| ${title}`));
  return row?.split(' | ')[1] ?? '';
}

function amount(bytes: number): string {
  return bytes < MiB ? `${bytes / KiB} KiB` : `${bytes / MiB} MiB`;
}

const rowOf: Readonly<Record<string, string>> = {
  as: 'Address space',
  data: 'Data',
  stack: 'Stack',
  nofile: 'Open files',
  fsize: 'Size of files',
};

test.each(limits)('the table has the tested minimum of $limit with which a task works', (row) => {
  const { limit, least, refused } = row;
  expect(atLeast(rowOf[limit] ?? '')).toMatch(
    new RegExp(String.raw`^${limit === 'nofile' ? least : amount(least)}(\.|$)`),
  );
  expect(Math.max(...refused)).toBeLessThan(least);
});

test('the table has the number of processes of a task', () => {
  expect(atLeast('Processes and threads')).toMatch(
    new RegExp(`^${processesOfTask} are .*\\. ${processesOfTask + 1} with a custom entrypoint$`),
  );
});

describe('the table has the system calls', () => {
  /** Text in brackets is only an explanation. */
  const listed = (title: string) => listCodeSpans(atLeast(title).replaceAll(/\([^)]*\)/g, '')).sort();

  test('that a start needs', () => {
    const needed = [...calls.refused, ...Object.keys(calls.notApplicable)].sort();
    expect(listed('seccomp, needed to start')).toEqual(needed);
  });

  test('that a task needs', () => {
    expect(listed('seccomp, needed for the task')).toEqual(
      [...calls.handedBack, 'user', 'setgroups', 'setresgid', 'setresuid'].sort(),
    );
  });

  test('that nothing needs, as examples', () => {
    const examples = listed('seccomp, not needed');
    expect(examples.length).toBeGreaterThan(3);
    expect(calls.works).toEqual(expect.arrayContaining(examples));
  });

  test('that a profile must not kill for', () => {
    const works: readonly string[] = callsKilledFor.works;
    expect(listed('seccomp, if it kills')).toEqual(
      calls.works.filter((call) => !works.includes(call)).sort(),
    );
  });
});
