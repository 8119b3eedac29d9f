import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { readContainerMemory } from './container-memory.linux.ts';
import { describeOomKills } from './oom.ts';

let root: string;

beforeEach(() => {
  root = scratchFolder();
});

function write(file: string, content: string): void {
  const full = join(root, file);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
}

function events(kills: number): string {
  return `low 0\nhigh 0\nmax 12\noom 9\noom_kill ${kills}\noom_group_kill 7\n`;
}

function oomControl(kills: number): string {
  return `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}\n`;
}

const ofV1 = '12:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n1:name=systemd:/docker/abc\n';
const hybrid = `${ofV1}0::/docker/abc\n`;

/** The places and formats of each layout's files. */
const layouts = [
  ['v2, own namespace', '0::/\n', 'sys/fs/cgroup/memory.events', events, 'sys/fs/cgroup/memory.max'],
  [
    'v2, the host’s tree',
    '0::/pod/a:b\n',
    'sys/fs/cgroup/pod/a:b/memory.events',
    events,
    'sys/fs/cgroup/pod/a:b/memory.max',
  ],
  ['v2, hidden path', '0::/../../pod/c\n', 'sys/fs/cgroup/memory.events', events, 'sys/fs/cgroup/memory.max'],
  [
    'v1, bind mount',
    ofV1,
    'sys/fs/cgroup/memory/memory.oom_control',
    oomControl,
    'sys/fs/cgroup/memory/memory.limit_in_bytes',
  ],
  [
    'v1, the host’s tree',
    ofV1,
    'sys/fs/cgroup/memory/docker/abc/memory.oom_control',
    oomControl,
    'sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes',
  ],
  [
    'v1 with others',
    '4:memory,hugetlb:/\n',
    'sys/fs/cgroup/memory/memory.oom_control',
    oomControl,
    'sys/fs/cgroup/memory/memory.limit_in_bytes',
  ],
  [
    'hybrid, memory by v1',
    hybrid,
    'sys/fs/cgroup/memory/memory.oom_control',
    oomControl,
    'sys/fs/cgroup/memory/memory.limit_in_bytes',
  ],
  [
    'hybrid, memory by v2',
    '1:name=systemd:/\n0::/\n',
    'sys/fs/cgroup/unified/memory.events',
    events,
    'sys/fs/cgroup/unified/memory.max',
  ],
] as const;

describe.each(layouts)('%s', (_title, membership, eventsFile, format, limitFile) => {
  function describeKills(before: number, after: number): string {
    write('proc/self/cgroup', membership);
    write(eventsFile, format(before));
    write(limitFile, `${512 * 2 ** 20}\n`);
    const atStart = readContainerMemory(root);
    write(eventsFile, format(after));
    return describeOomKills(atStart, readContainerMemory(root));
  }

  test('reports a kill, with the limit', () => {
    expect(describeKills(0, 1)).toBe(
      'The kernel OOM killer struck in this container (memory limit: 512 MiB): the task needs more memory than the container may use.',
    );
  });

  test('says nothing without one', () => {
    expect(describeKills(0, 0)).toBe('');
  });

  test('does not count kills before the task', () => {
    expect(describeKills(3, 3)).toBe('');
    expect(describeKills(3, 4)).not.toBe('');
  });
});

describe('the limit', () => {
  test.each([
    ['max\n', 'none of its own'],
    ['9223372036854771712\n', 'none of its own'],
    ['', 'none of its own'],
    [undefined, 'none of its own'],
    ['536870912\n', '512 MiB'],
    ['1073741824\n', '1024 MiB'],
    ['1572864\n', '1.5 MiB'],
    ['100000000\n', '95.4 MiB'],
  ])('%j reads: %s', (text, expected) => {
    write('proc/self/cgroup', '0::/\n');
    write('sys/fs/cgroup/memory.events', events(0));
    if (text !== undefined) {
      write('sys/fs/cgroup/memory.max', text);
    }
    const atStart = readContainerMemory(root);
    write('sys/fs/cgroup/memory.events', events(1));
    expect(describeOomKills(atStart, readContainerMemory(root))).toContain(`(memory limit: ${expected})`);
  });
});

describe('says nothing', () => {
  test.each([
    ['there is no /proc/self/cgroup', {}],
    ['the container has no cgroup', { 'proc/self/cgroup': '' }],
    ['the lines make no sense', { 'proc/self/cgroup': 'x\n:::\n4:memory\n' }],
    ['there are no counters', { 'proc/self/cgroup': hybrid }],
    [
      'the kernel is too old to count kills (v1 before 4.13)',
      {
        'proc/self/cgroup': ofV1,
        'sys/fs/cgroup/memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\n',
      },
    ],
  ])('when %s', (_title, files) => {
    for (const [file, content] of Object.entries(files)) {
      write(file, content);
    }
    expect(describeOomKills(readContainerMemory(root), readContainerMemory(root))).toBe('');
  });

  test('when the counter has disappeared meanwhile', () => {
    write('proc/self/cgroup', '0::/\n');
    write('sys/fs/cgroup/memory.events', events(1));
    const atStart = readContainerMemory(root);
    rmSync(join(root, 'sys'), { recursive: true });
    expect(describeOomKills(atStart, readContainerMemory(root))).toBe('');
  });
});

test('on this machine it says nothing without a kill', () => {
  expect(describeOomKills(readContainerMemory(), readContainerMemory())).toBe('');
});
