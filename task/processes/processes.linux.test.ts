import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, describe, expect, test } from 'vitest';
import { isRoot } from '../../internal/dev/testing/is-root.ts';
import { stateOf } from '../../internal/dev/testing/proc.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { readContainerMemory } from '../memory/container-memory.linux.ts';
import { childOomScoreAdj } from '../memory/oom-score.linux.ts';
import { runFixture } from './fixtures/run-fixture.ts';

describe('a child', () => {
  test('reports its end: the status, a signal of any number, and whether it dumped core', async () => {
    const { result } = await runFixture('ends');
    const killed = (signal: number) => ({ signal, coreDumped: false });
    expect(result.ends).toEqual([
      { exitCode: 0 },
      { exitCode: 1 },
      { exitCode: 255 },
      killed(15),
      killed(9),
      killed(40),
      killed(64),
    ]);
    expect(result.dumped).toEqual({
      unlimited: { signal: 6, coreDumped: result.expected.unlimited },
      none: { signal: 6, coreDumped: result.expected.none },
    });
  });

  test('gets its own session, the standard descriptors and the state of the container, and nothing else', async () => {
    const { result, stdout } = await runFixture('inheritance');
    const [pid, , own] = result.pid.split('\n');
    expect(own).toBe(`${pid} ${pid} ${pid}`);
    // ls itself has opened the last one.
    expect(result.descriptors).toBe('0\n1\n2\n3');
    expect(result.stdin).toBe('/dev/null\nend');
    expect(stdout).toBe('to stdout');
    expect(result.stderr).toMatch(/^pipe:\[\d+\]\none\ntwo$/);
    expect(result.signals).toBe('SigBlk:\t0000000000000000\nSigIgn:\t0000000000000001');
    expect(result.limits).toBe('123\n456');
    const { ownAtStart, childs } = result.oomScore;
    expect(childs).toBe(childOomScoreAdj(readContainerMemory()?.limitBytes));
    expect(childs).toBeGreaterThan(ownAtStart);
    expect(Buffer.from(result.environment, 'base64').toString('latin1')).toBe(
      'B=\xff\0NODE_OPTIONS=--no-such-option\0A=1\0A=2\0',
    );
    expect(result.argv).toBe('ä||b c');
  });

  test('can read all of its stdin, however long, or none of it', async () => {
    const { result } = await runFixture('stdin');
    expect(result).toEqual({
      read: { end: { exitCode: 0 }, stderr: '1000000' },
      empty: { end: { exitCode: 0 }, stderr: '0' },
      line: { end: { exitCode: 0 }, stderr: 'tökén' },
      unread: { end: { exitCode: 3 }, stderr: '' },
    });
  });

  test('dies with the orchestrator', async () => {
    const fixture = join(import.meta.dirname, 'fixtures/parent.ts');
    const parent = execa(process.execPath, [fixture], { reject: false, stderr: 'ignore' });
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (chunk) => resolve(Number(chunk)));
    });
    expect(['', 'Z']).not.toContain(stateOf(pid));
    parent.kill('SIGKILL');
    await parent;
    await waitFor('the child’s end', () => ['', 'Z'].includes(stateOf(pid)));
  });

  test.runIf(isRoot)('runs as another user, who can open the pipes, too', async () => {
    const { result } = await runFixture('switch-user');
    expect(result.ids).toEqual({ end: { exitCode: 0 }, stderr: '12345\n23456\n23456 34567 45678' });
    expect(result.opened).toEqual({ end: { exitCode: 0 }, stderr: 'opened' });
  });
});

describe('stderr', { tags: ['timed'] }, () => {
  test('is passed on, waits for its reader instead of piling up, and is complete at the end', async () => {
    const { result } = await runFixture('relay');
    expect(result.waiting).toBeLessThan(1_000_000);
    expect(result).toMatchObject({ endedEarly: false, lastWord: 'xxxxxxxend' });
  });

  test('reaches our own stderr', async () => {
    const { stderr } = await runFixture('held-stderr');
    expect(stderr).toBe('last words');
  });

  test('that a daemon still holds is only read until the limit', async () => {
    const { result } = await runFixture('held-stderr');
    expect(result).toEqual({ end: { exitCode: 6 }, shown: 'last words', left: 'none' });
  });
});

describe('signals', () => {
  test('reach the whole group, with or without its leader, and nobody when the group is gone', async () => {
    const { result } = await runFixture('signals-to-groups');
    expect(result).toEqual({
      familyEnd: { exitCode: 5 },
      family: expect.arrayContaining(['child got it', 'grandchild got it']),
      realTimeEnd: { signal: 40, coreDumped: false },
      left: { exitCode: 1 },
    });
  });

  test.runIf(isRoot)('can be sent again after they were not permitted for a while', async () => {
    const { result } = await runFixture('forbidden-signal');
    expect(result).toEqual({ end: { signal: 15, coreDumped: false } });
  });

  test('are received for every number that is passed on', async () => {
    const { result } = await runFixture('receive-signals');
    expect(result.received).toEqual(result.sent);
  });
});

describe('shutting down', () => {
  test.each([
    [
      'children that ignore every signal',
      `trap '' TERM INT HUP QUIT; echo ready >&2; while :; do sleep 1; done`,
    ],
    ['stopped children', 'sh -c "echo ready >&2; kill -STOP \\$\\$" & wait'],
    [
      'daemons in sessions of their own',
      '(setsid sh -c "setsid sleep 1000 & echo ready >&2; sleep 1000" &); sleep 1000',
    ],
    ['children that have ended', 'echo ready >&2'],
    [
      'a deep tree of sessions',
      `export body='if [ $1 -gt 0 ]; then setsid sh -c "$body" sh $(($1 - 1)) & wait; else echo ready >&2; sleep 1000; fi'; sh -c "$body" sh 60`,
    ],
    [
      'a broad tree',
      'i=0; while [ $i -lt 100 ]; do setsid sleep 1000 & i=$((i+1)); done; echo ready >&2; wait',
    ],
  ])('ends %s', async (_title, script) => {
    const { result } = await runFixture('shut-down', [script, 'ready']);
    expect(result).toMatchObject({
      left: 'none',
      survivors: [],
      startAfterwards: 'StartError: the task is being shut down.',
      again: 'none',
    });
    expect(result.ends).toHaveLength(2);
  });

  test.runIf(isRoot)('does not wait long for a process that may not be killed', async () => {
    const { result } = await runFixture('forbidden-shut-down');
    expect(result).toEqual({
      ...{ isOutOfReachOfRoot: false, isOutOfReach: true },
      ...{ left: 'forbidden', survivors: 2, again: 'forbidden' },
    });
  });
});

describe('a program that cannot be started', () => {
  let directory: string;
  const at = (name: string) => join(directory, name);

  beforeEach(() => {
    directory = scratchFolder();
  });

  function create(name: string, content: string | Buffer, mode: number): string {
    writeFileSync(at(name), content);
    chmodSync(at(name), mode);
    return at(name);
  }

  test('is a failure that says why, and its process is reaped', async () => {
    mkdirSync(at('directory'));
    symlinkSync('loop', at('loop'));
    const cases: Readonly<Record<string, string>> = {
      [at('missing')]: 'does not exist (ENOENT).',
      [create('no-interpreter', '#!/no/such/interpreter\n', 0o755)]:
        'cannot be executed: the interpreter or loader that it names, /no/such/interpreter, is not in this image (ENOENT).',
      [at('directory')]: 'is a directory, not a program (EACCES).',
      [create('not-executable', '#!/bin/sh\n', 0o644)]:
        'may not be executed: it lacks the permission, or its file system is mounted noexec (EACCES).',
      [create('text', 'true\n', 0o755)]:
        'is not a program for this machine: wrong format or architecture, or a script without a #! line (ENOEXEC).',
      [create('empty', '', 0o755)]:
        'is not a program for this machine: wrong format or architecture, or a script without a #! line (ENOEXEC).',
      [at('loop')]: 'cannot be executed: too many symbolic links encountered (ELOOP).',
      [at('text/x')]: 'cannot be executed: not a directory (ENOTDIR).',
      [at('x'.repeat(300))]: 'cannot be executed: name too long (ENAMETOOLONG).',
    };
    const { result } = await runFixture('cannot-start', Object.keys(cases));
    expect(result.failures).toEqual(
      Object.fromEntries(Object.entries(cases).map(([file, why]) => [file, `StartError: ${file} ${why}`])),
    );
    expect(result.ends).toEqual(Object.keys(cases).map(() => ({ exitCode: 127 })));
    expect(result.long).toBe(
      'StartError: /bin/true cannot be executed: its arguments and environment are too long together, or one of them is (E2BIG).',
    );
    expect(result.noLauncher).toBe(
      'StartError: Cannot create a process for /bin/sh: posix_spawn: no such file or directory (ENOENT).',
    );
  });

  test.each(['no-such-program', ''])('is not in PATH: %j', async (name) => {
    const { result } = await runFixture('cannot-start', [name]);
    expect(result.failures[name]).toBe(
      `StartError: ${JSON.stringify(name)} is not an executable file in any directory of PATH.`,
    );
  });

  test.runIf(isRoot)('lies on a file system that is mounted noexec', async () => {
    const mount = at('noexec');
    mkdirSync(mount);
    const script = `mount -t tmpfs -o noexec tmpfs ${mount} && cp /bin/true ${mount}/program && exec "$@"`;
    const fixture = join(import.meta.dirname, 'fixtures/cannot-start.ts');
    const command = [process.execPath, fixture, `${mount}/program`];
    const output = execFileSync('unshare', ['--mount', 'sh', '-ec', script, 'sh', ...command], {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    expect(JSON.parse(output.toString()).failures[`${mount}/program`]).toContain('noexec (EACCES)');
  });

  test('because of missing descriptors leaves none open, and the next one can be started', async () => {
    const { result } = await runFixture('no-descriptors');
    expect(result).toEqual({
      failure: expect.stringMatching(
        /^StartError: Cannot create a process for \/bin\/sh: .*\(EMFILE\); the limit of open files is reached\.$/,
      ),
      afterwards: { exitCode: 4 },
      more: 0,
    });
  });
});

test('200 starts, including failed ones, leave no descriptor open', async () => {
  const { result } = await runFixture('many-starts');
  expect(result).toEqual({ failed: 50, more: 0 });
});
