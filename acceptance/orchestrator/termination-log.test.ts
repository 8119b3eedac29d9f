import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { taskLives } from './run-orchestrator.ts';
import { finish, runTaskToEnd, startTask, type TaskToRun } from './start-task.ts';
import { device, emptyFile } from './termination-log.ts';

const untoldAsKilled = /^Nobody was told how the task has ended\. The orchestrator was killed while/;

async function runWithLog(toRun: TaskToRun, make: (path: string) => Promise<unknown> = emptyFile) {
  const { log, prepare } = await device(make);
  const task = await runTaskToEnd({ life: 'pid 1', prepare, ...toRun });
  return { task, text: await readFile(log, 'utf8').catch(() => '') };
}

test.each(taskLives)('the message of a failure is in the termination log, %s', async (life) => {
  const { task, text } = await runWithLog({ life, agent: [`stderr=%3cb%3eoops`, 'exit=3'] });
  expect(task).toMatchObject({ status: 0, calls: ['fail'] });
  expect(text).toBe(task.message);
});

test('the reason why a task is handed back is there too', async () => {
  const { task, text } = await runWithLog({ config: { task_agent_path: '/nowhere' } });
  expect(task.calls).toEqual(['unclaim']);
  expect(text).toMatch(
    /^The task was handed back for another try\. The task agent could not be started: \/nowhere/,
  );
});

test('it says that the retries are used up, like the report', async () => {
  const answers = { unclaim: [{ status: 409 }] };
  const { task, text } = await runWithLog({ config: { task_agent_path: '/nowhere' }, answers });
  expect(task.calls).toEqual(['unclaim', 'fail']);
  expect(text).toBe(task.message);
});

test('a reason that could not be reported is there too, and that it was not', async () => {
  const { task, text } = await runWithLog({ agent: ['exit=3'], answers: { fail: [{ status: 403 }] } });
  expect(task.status).toBe(1);
  expect(text).toMatch(/^Nobody was told how the task has ended\. .*exit status 3/);
});

test.each([
  ['reported', {}, { fail: [{ status: 504 }, { status: 404 }] }, ['fail']],
  [
    'handed back',
    { task_agent_path: '/nowhere' },
    { unclaim: [{ status: 504 }, { status: 404 }], fail: [{ status: 404 }] },
    ['unclaim', 'fail'],
  ],
])('it says if it is not known whether the task was %s', async (_what, config, answers, calls) => {
  const { task, text } = await runWithLog({ agent: ['exit=3'], config, answers });
  expect([task.status, [...new Set(task.calls)]]).toEqual([1, calls]);
  expect(text).toMatch(
    /^It is not known whether the runner API was told how the task has ended\. The task agent/,
  );
});

test('the reason of a start that is refused is there as on stderr', async () => {
  const { task, text } = await runWithLog({ flags: ['--no-such-flag'] });
  expect(task.status).not.toBe(0);
  expect(task.stderr).toContain('--no-such-flag');
  expect(text).toMatch(/^orchestrator: .*--no-such-flag/);
});

describe('with an entrypoint of the image,', () => {
  const throughShell = (script: string, agent: readonly string[] = []): TaskToRun => ({
    command: 'override',
    env: { CIRCLECI_GOAT_ENTRYPOINT: `/bin/sh,-c,${script},sh` },
    agent,
  });

  test('it says that the orchestrator was not run, though the entrypoint ends well', async () => {
    const { task, text } = await runWithLog(throughShell('exit 0'));
    expect(task).toMatchObject({ status: 0, calls: [] });
    expect(text).toMatch(
      /^Nobody was told how the task has ended\. The custom entrypoint .* exec "\$@" does\.$/,
    );
  });

  test('it is empty after a successful task', async () => {
    const { task, text } = await runWithLog(throughShell('exec "$@"'));
    expect(task).toMatchObject({ status: 0, calls: [] });
    expect(text).toBe('');
  });

  test('it has the message of a failure that was reported', async () => {
    const { task, text } = await runWithLog(throughShell('"$@"', ['exit=3']));
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
    expect(text).toBe(task.message);
  });

  test('it says that the orchestrator was killed, though the entrypoint ends well', async () => {
    const killed = 'read -r text </dev/termination-log; case $text in *killed*) true;; *) false;; esac';
    const script = `"$@" & until ${killed}; do sleep 0.1; done; kill -KILL $!; exit 0`;
    const { task, text } = await runWithLog(throughShell(script, ['forever']));
    expect(task).toMatchObject({ status: 0, calls: [] });
    expect(text).toMatch(untoldAsKilled);
  });
});

test('a successful task leaves it empty', async () => {
  expect((await runWithLog({})).text).toBe('');
});

test('after SIGKILL, it says that the end was not reported', async () => {
  const { log, prepare } = await device();
  const task = await startTask({ life: 'pid 1', prepare, agent: ['forever'] });
  await waitFor('the sentence', async () => (await readFile(log, 'utf8')) !== '');
  task.run.signal('SIGKILL');
  expect(await finish(task)).toMatchObject({ calls: [] });
  expect(await readFile(log, 'utf8')).toMatch(untoldAsKilled);
});

test('earlier content of others is replaced', async () => {
  const { text } = await runWithLog({ agent: ['exit=3'] }, (path) => writeFile(path, 'x'.repeat(5000)));
  expect(text).toContain('exit status 3');
  expect(text).not.toContain('xxx');
});

test('no more than 4,096 bytes are written, and no half character', async () => {
  const { task, text } = await runWithLog({ config: { user: `a${'ü'.repeat(6000)}` } });
  expect(task.message.length).toBeGreaterThan(6000);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
  expect(Buffer.byteLength(text)).toBeGreaterThan(4000);
  expect(text).not.toContain('\ufffd');
});

describe('a termination log that cannot be written does not matter:', () => {
  test('there is none', async () => {
    const { task } = await runWithLog({ agent: ['exit=3'] }, async () => undefined);
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
  });

  test('a directory', async () => {
    const { task } = await runWithLog({ agent: ['exit=3'] }, (path) => mkdir(path));
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
  });

  test('a pipe that nobody reads', async () => {
    const { log, prepare } = await device();
    const pipe = `rm '${log}' && mkfifo '${log}'`;
    const task = await runTaskToEnd({ life: 'pid 1', prepare: `${pipe} && ${prepare}`, agent: ['exit=3'] });
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
  });

  describe.each([
    ['a full disk', (log: string) => `mount --bind /dev/full '${log}'`],
    ['a full volume in memory', fullVolume],
    [
      'a read-only file',
      (log: string) => `mount --bind '${log}' '${log}' && mount -o remount,bind,ro '${log}'`,
    ],
  ])('%s,', (_title, cover) => {
    async function run(task: TaskToRun) {
      const { log, prepare } = await device();
      return runTaskToEnd({ life: 'pid 1', prepare: `${cover(log)} && ${prepare}`, ...task });
    }

    test('when a failure is reported', async () => {
      expect(await run({ agent: ['exit=3'] })).toMatchObject({ status: 0, calls: ['fail'], stderr: '' });
    });

    test('when the start is refused', async () => {
      const { status, stderr } = await run({ through: ['prlimit', '--data=1048576'] });
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringMatching(/^orchestrator: [^\n]*RLIMIT_DATA[^\n]*\n$/),
      });
    });
  });
});

/** Covers the log with a file of a volume that has no room left. */
function fullVolume(log: string): string {
  const volume = `${log}-volume`;
  return [
    `mkdir '${volume}' && mount -t tmpfs -o size=8k tmpfs '${volume}' && : >'${volume}/log'`,
    `{ cat /dev/zero >'${volume}/rest' 2>/dev/null || true; }`,
    `mount --bind '${volume}/log' '${log}'`,
  ].join(' && ');
}
