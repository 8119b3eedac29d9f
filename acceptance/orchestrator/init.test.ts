import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canLimitMemory, limitMemory } from '../../internal/dev/testing/cgroup.ts';
import { type Denial, denyCalls } from '../../internal/dev/testing/deny-calls.ts';
import { executable } from '../../internal/dev/testing/executable.ts';
import { isRoot } from '../../internal/dev/testing/is-root.ts';
import { untilTestEnds } from '../../internal/dev/testing/until-test-ends.ts';
import { expectCopies, folders } from './init-folders.ts';
import { lives, runOrchestrator, runToEnd } from './run-orchestrator.ts';

describe.each(lives)('init, %s,', (life) => {
  test('copies both binaries with their bits, links circleci, and logs each file and the total', {
    tags: ['quick'],
  }, async () => {
    const { source, destination } = await folders();
    const result = await runToEnd(['init', source, destination], { life });
    expect(result).toMatchObject({ status: 0, stderr: '' });
    await expectCopies(source, destination);
    for (const name of ['orchestrator', 'circleci-agent']) {
      expect(result.stdout).toMatch(
        new RegExp(`INFO .*bytes=\\d+ duration_ms=[\\d.]+ .*${destination}/${name}`),
      );
    }
    expect(result.stdout.trimEnd().split('\n').at(-1)).toMatch(/INFO .*duration_ms=[\d.]+/);
  });

  test('works with the executable itself, and the copy runs', {
    tags: ['quick'],
  }, async () => {
    const { source, destination } = await folders();
    await copyFile(executable, join(source, 'orchestrator'));
    expect(
      (await runToEnd(['init', source, destination], { life, program: join(source, 'orchestrator') })).status,
    ).toBe(0);
    await expectCopies(source, destination);
    const version = await runToEnd(['--version'], { life, program: join(destination, 'orchestrator') });
    expect(version).toEqual(await runToEnd(['--version']));
    const agent = await runToEnd(['exit=7'], { life, program: join(destination, 'circleci') });
    expect(agent.status).toBe(7);
  });
});

describe('SOURCE and DESTINATION', () => {
  test('may come from the environment, without a command', async () => {
    const { source: SOURCE, destination: DESTINATION } = await folders();
    expect(await runToEnd([], { env: { SOURCE, DESTINATION } })).toMatchObject({ status: 0 });
    await expectCopies(SOURCE, DESTINATION);
  });

  test('may come from the environment, with the command', async () => {
    const { source: SOURCE, destination: DESTINATION } = await folders();
    expect(await runToEnd(['init'], { env: { SOURCE, DESTINATION } })).toMatchObject({ status: 0 });
    await expectCopies(SOURCE, DESTINATION);
  });

  test('arguments beat the environment', async () => {
    const { source, destination } = await folders();
    const env = { SOURCE: '/nowhere', DESTINATION: '/nowhere' };
    expect(await runToEnd(['init', source, destination], { env })).toMatchObject({ status: 0 });
    await expectCopies(source, destination);
  });

  test('one argument is the source', async () => {
    const { source, destination } = await folders();
    expect(await runToEnd(['init', source], { env: { DESTINATION: destination } })).toMatchObject({
      status: 0,
    });
    await expectCopies(source, destination);
  });

  test('relative paths are made absolute', async () => {
    const { source, destination } = await folders();
    expect(await runToEnd(['init', '.', '../destination'], { cwd: source })).toMatchObject({ status: 0 });
    await expectCopies(source, destination);
  });

  test('are / and /opt/circleci/bin by default', async () => {
    const { stdout } = await runToEnd([]);
    expect(stdout).toMatch(existsSync('/opt/circleci/bin') ? /\/orchestrator/ : /\/opt\/circleci\/bin/);
  });

  test('spaces and non-ASCII text in paths do no harm', async () => {
    const { source, destination } = await folders();
    const odd = join(destination, 'größer als "früher" 🙂');
    await mkdir(odd);
    expect(await runToEnd(['init', source, odd])).toMatchObject({ status: 0 });
    await expectCopies(source, odd);
  });
});

describe('permission bits', () => {
  test.each([0o755, 0o555, 0o511, 0o777, 0o700])('%o are kept, whatever the umask is', async (mode) => {
    const { source, destination } = await folders();
    for (const name of ['orchestrator', 'circleci-agent']) await chmod(join(source, name), mode);
    const through = ['sh', '-c', 'umask 077; exec "$@"', 'sh'];
    expect(await runToEnd(['init', source, destination], { through })).toMatchObject({ status: 0 });
    expect((await stat(join(destination, 'circleci-agent'))).mode & 0o7777).toBe(mode);
  });

  test('set-user-ID is not copied', async () => {
    const { source, destination } = await folders();
    await chmod(join(source, 'circleci-agent'), 0o6755);
    expect(await runToEnd(['init', source, destination])).toMatchObject({ status: 0 });
    expect((await stat(join(destination, 'circleci-agent'))).mode & 0o7777).toBe(0o755);
  });
});

describe('again', () => {
  test('any number of times, with the same result', async () => {
    const { source, destination } = await folders();
    for (let run = 0; run < 3; run++) {
      expect(await runToEnd(['init', source, destination])).toMatchObject({ status: 0 });
      await expectCopies(source, destination);
    }
  });

  test('it copies newer binaries, and replaces files, links and broken links', async () => {
    const { source, destination } = await folders();
    await writeFile(join(destination, 'orchestrator'), 'old');
    await symlink('/nowhere', join(destination, 'circleci-agent'));
    await symlink('/dev/null', join(destination, 'circleci'));
    expect(await runToEnd(['init', source, destination])).toMatchObject({ status: 0 });
    await expectCopies(source, destination);
  });

  test('a circleci that is a file is replaced by the link', async () => {
    const { source, destination } = await folders();
    await writeFile(join(destination, 'circleci'), 'old');
    expect(await runToEnd(['init', source, destination])).toMatchObject({ status: 0 });
    await expectCopies(source, destination);
  });

  test('while the copies run, they are replaced, and the running ones continue', async () => {
    const { source, destination } = await folders();
    expect((await runToEnd(['init', source, destination])).status).toBe(0);
    const go = join(source, 'go');
    const running = await runOrchestrator([`wait-file=${go}`, 'exit=5'], {
      program: join(destination, 'circleci-agent'),
    });
    expect(await runToEnd(['init', source, destination])).toMatchObject({ status: 0 });
    await expectCopies(source, destination);
    await writeFile(go, '');
    expect((await running.ended).status).toBe(5);
  });

  test('the next run removes the part files of an interrupted one', { tags: ['timed'] }, async () => {
    const { source, destination } = await folders();
    const big = join(source, 'orchestrator');
    await copyFile(executable, big);
    for (let ms = 20; ms <= 120; ms += 20) {
      const run = await runOrchestrator(['init', source, destination]);
      await new Promise((resolve) => setTimeout(resolve, ms));
      run.signal('SIGKILL');
      await run.ended;
    }
    expect(await runToEnd(['init', source, destination])).toMatchObject({ status: 0 });
    await expectCopies(source, destination);
  });

  test('several at once all succeed', async () => {
    const { source, destination } = await folders();
    const runs = await Promise.all([1, 2, 3, 4].map(() => runToEnd(['init', source, destination])));
    expect(runs.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
    await expectCopies(source, destination);
  });

  test('a reader never sees half a file', async () => {
    const { source, destination } = await folders();
    const target = join(destination, 'circleci-agent');
    expect((await runToEnd(['init', source, destination])).status).toBe(0);
    const { size } = await stat(target);
    const run = await runOrchestrator(['init', source, destination]);
    let over = false;
    void run.ended.then(() => {
      over = true;
    });
    while (!over) expect((await stat(target)).size).toBe(size);
  });
});

const copyingCalls = ['copy_file_range', 'sendfile', 'splice'];
const refusals: readonly [what: string, Denial, calls: readonly string[]][] = [
  ['a kernel that only seems to copy files itself', 'NOTHING', copyingCalls],
  ['a profile that forbids the kernel to copy files', 'EPERM', copyingCalls],
  ['a volume that refuses to change permission bits', 'EPERM', ['fchmod']],
];

describe('works for or with', () => {
  test.each(refusals)('%s (%s for %j)', { tags: ['not-emulated/seccomp'] }, async (_what, answer, calls) => {
    const { source, destination } = await folders();
    const through = await denyCalls(answer, calls);
    expect(await runToEnd(['init', source, destination], { through })).toMatchObject({ status: 0 });
    await expectCopies(source, destination);
  });

  test.runIf(isRoot)('any user, without capabilities or a right to new privileges', async () => {
    const { source, destination } = await folders();
    const through = [
      'setpriv',
      '--reuid=61236',
      '--regid=61236',
      '--clear-groups',
      '--no-new-privs',
      '--bounding-set=-all',
      '--inh-caps=-all',
    ];
    expect(await runToEnd(['init', source, destination], { through })).toMatchObject({ status: 0 });
    await expectCopies(source, destination);
  });

  test.runIf(canLimitMemory)(
    '64 MiB of memory, for the executable itself',
    { tags: ['not-emulated/little-memory'] },
    async () => {
      const { source, destination } = await folders();
      await copyFile(executable, join(source, 'orchestrator'));
      const { enter } = untilTestEnds(limitMemory(64));
      const result = await runToEnd(['init', source, destination], { through: enter });
      expect(result).toMatchObject({ status: 0, signal: null });
      await expectCopies(source, destination);
    },
  );
});
