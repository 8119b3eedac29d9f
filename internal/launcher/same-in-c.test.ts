import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readContainerMemory } from '../../task/memory/container-memory.linux.ts';
import { assertion, compilers, complaintsAbout } from '../dev/testing/c-compilers.ts';
import { scratchFolder } from '../dev/testing/scratch-folder.ts';
import { partKinds } from '../packer/write-trailer.ts';
import { forwardedSignals } from '../signals.ts';
import { guardSteps } from '../syscall/linux/guard.ts';
import { execSteps, requestAt, requestFlags, requestMagic } from './exec-request.ts';
import * as layout from './trailer-layout.ts';

// Constants and layouts that exist twice, in C and in TypeScript.

const folder = import.meta.dirname;
const read = (path: string) => readFileSync(join(folder, path), 'utf8');

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name).sort();
}

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Members of `struct request` that have another name here. */
const otherNames: Partial<Record<string, string>> = {
  softOpenFiles: 'nofile.soft',
  hardOpenFiles: 'nofile.hard',
};

const stepsInC = {
  request: 'STEP_REQUEST',
  setgroups: 'STEP_GROUPS',
  setgid: 'STEP_GID',
  setuid: 'STEP_UID',
  pdeathsig: 'STEP_PARENT_DEATH',
  signals: 'STEP_SIGNALS',
  execve: 'STEP_EXEC',
} as const satisfies Record<keyof typeof execSteps, string>;

const execRequestFacts = [
  `REQUEST_MAGIC == ${requestMagic}`,
  `SWITCH_USER == ${requestFlags.switchUser}`,
  `SET_OOM_SCORE == ${requestFlags.setOomScore}`,
  `sizeof(struct request) == ${requestAt.groups}`,
  ...Object.entries(requestAt).map(
    ([name, at]) => `__builtin_offsetof(struct request, ${otherNames[name] ?? snakeCase(name)}) == ${at}`,
  ),
  ...Object.entries(stepsInC).map(
    ([step, name]) => `${name} == ${execSteps[step as keyof typeof execSteps]}`,
  ),
];

const trailer = Buffer.alloc(layout.trailerSize);
const firstPart = layout.partBytes(trailer, 0);
const offsets = (struct: string, members: Record<string, number>) =>
  Object.entries(members).map(
    ([name, at]) => `__builtin_offsetof(struct ${struct}, ${snakeCase(name)}) == ${at}`,
  );
const trailerFacts = [
  `!__builtin_strcmp(MAGIC, ${JSON.stringify(layout.magic)})`,
  `LARGEST_LAUNCHER == ${layout.largestLauncher}`,
  `MAX_PARTS == ${layout.maximumParts}`,
  `sizeof(struct trailer) == ${layout.trailerSize}`,
  `sizeof(struct part) == ${firstPart.length}`,
  `__builtin_offsetof(struct trailer, parts) == ${firstPart.byteOffset - trailer.byteOffset}`,
  `sizeof(((struct part *)0)->name) == ${layout.nameSize}`,
  ...offsets('trailer', layout.headerAt),
  ...offsets('part', layout.partAt),
  ...Object.entries(partKinds).map(([kind, number]) => `PART_${kind.toUpperCase()} == ${number}`),
];

const guardFacts = Object.entries(guardSteps).map(
  ([step, number]) => `GUARD_${snakeCase(step).toUpperCase()} == ${number}`,
);

const forwarded = forwardedSignals.reduce((bits, signal) => bits | (1n << BigInt(signal - 1)), 0n);

describe.each(compilers)('in C for $title', ({ architecture, isThere }) => {
  test.runIf(isThere).each([
    ['a request to the exec step', 'exec-step.c', execRequestFacts],
    ['the table of contents', 'trailer.c', trailerFacts],
    ['what JavaScript tells the guard', 'guard/guard.h', guardFacts],
    ['what is held back until JavaScript listens', 'signals.h', [`HELD_SIGNALS == ${forwarded}u`]],
  ])('%s is the same', (_, file, facts) => {
    const complaints = (conditions: readonly string[]) => {
      const source = ['#define PROGRAM_NAME "any"', `#include "${file}"`, ...conditions.map(assertion)].join(
        '\n',
      );
      return complaintsAbout(source, architecture, folder);
    };
    expect(complaints(facts)).toBe('');
    const refuted = matches(complaints(facts.map((fact) => `!(${fact})`)), /(static assertion failed)/g);
    expect(refuted).toHaveLength(facts.length);
  });
});

test('every step of a child that can fail in C has a name here', () => {
  const failing = matches(read('exec-step.c'), /\bfail\((STEP_\w+)/g);
  expect([...new Set(failing)].sort()).toEqual(Object.values(stepsInC).sort());
});

test('every kind of part in C can be packed', () => {
  const kinds = matches(read('trailer.h'), /^ {2}PART_(\w+) = /gm);
  expect(kinds.map((kind) => kind.toLowerCase())).toEqual(Object.keys(partKinds).sort());
});

test('every error that the launcher describes ends with its own name', () => {
  const described = [...read('report.c').matchAll(/case (E\w+): return ".*\((\w+)\)";/g)];
  expect(described.length).toBe(matches(read('report.c'), /case (\w+):/g).length);
  for (const [, constant, name] of described) expect(name).toBe(constant);
});

const limitsInC = [...read('container-limits.c').matchAll(/\{"(\S+)", "(\/memory\.\w+)", \d\}/g)];

test.each(limitsInC.map(([, mount, file]) => `${mount}${file}`))(
  'the memory limit in %s is also the one that tasks read',
  (file) => {
    const root = scratchFolder();
    const write = (path: string, content: string) => {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), content);
    };
    write('proc/self/cgroup', '4:memory:/\n0::/\n');
    for (const events of ['memory.events', 'memory.oom_control'])
      write(join(dirname(file), events), 'oom_kill 0\n');
    write(file, '123456789\n');
    expect(readContainerMemory(root)).toEqual({ limitBytes: 123_456_789, oomKills: 0 });
  },
);
