import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ProgrammedAnswer } from '../../internal/dev/runner-api/programmed-answer.ts';
import { isRoot } from '../../internal/dev/testing/is-root.ts';
import { readProc, statusField } from '../../internal/dev/testing/proc.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { taskLives } from './run-orchestrator.ts';
import { finish, runTaskToEnd, startTask, type TaskToRun } from './start-task.ts';

const refused: readonly ProgrammedAnswer[] = [{ status: 403 }];
const exhausted: readonly ProgrammedAnswer[] = [{ status: 409 }];

describe.each(taskLives)('the message of an agent, %s,', (life) => {
  test.each([1, 2, 3, 80, 125, 126, 127, 128, 137, 143, 255])(
    'that exits with %d has the status',
    async (status) => {
      const task = await runTaskToEnd({ life, agent: [`exit=${status}`] });
      expect(task).toMatchObject({ status: 0, calls: ['fail'] });
      expect(task.message).toContain(`exit status ${status}.`);
      expect(task.stdout).toContain(`exit status ${status}`);
    },
  );

  async function expectToBeNamed(name: string, number: number): Promise<void> {
    const task = await runTaskToEnd({ life, agent: [`raise=${number}`, 'exit=99'] });
    expect(task).toMatchObject({ status: 0, calls: ['fail'] });
    expect(task.message).toMatch(new RegExp(`${name.replace('+', '\\+')}(?![+\\w])`));
  }

  test.each(
    Object.entries({
      ...constants.signals,
      SIGIOT: 0,
      SIGPOLL: 0,
      SIGUNUSED: 0,
      SIGSTOP: 0,
      SIGTSTP: 0,
      SIGTTIN: 0,
      SIGTTOU: 0,
      SIGCHLD: 0,
      SIGCONT: 0,
      SIGURG: 0,
      SIGWINCH: 0,
    }).filter(([, number]) => number > 0),
  )('that is killed by %s (%d) has the signal', expectToBeNamed);

  test.each([
    ['SIGRTMIN', 34],
    ['SIGRTMIN+6', 40],
    ['SIGRTMIN+30', 64],
  ])(
    'that is killed by %s (%d) has the signal',
    { tags: ['not-emulated/real-time-signals'] },
    expectToBeNamed,
  );
});

describe('the message', () => {
  test('ends by pointing at the logs of the container', async () => {
    expect((await runTaskToEnd({ agent: ['exit=1'] })).message).toMatch(/logs of this container\.$/);
    expect((await runTaskToEnd({ agent: ['stderr=oh', 'exit=1'] })).message).toMatch(
      /logs of this container\.$/,
    );
  });

  test('has all of a short stderr', async () => {
    const { message, stderr } = await runTaskToEnd({ agent: ['stderr=first%20line%0asecond', 'exit=1'] });
    expect(message).toContain('first line\nsecond');
    expect(message).not.toContain('left out');
    expect(stderr).toBe('first line\nsecond');
  });

  test.each([
    [320, 0],
    [321, 1],
    [1000, 680],
    [5_000_000, 4_999_680],
  ])('has the first and last 160 bytes of %d and says that %d are left out', async (total, hidden) => {
    const { message, stderr } = await runTaskToEnd({
      agent: [`stderr-bytes=${total - 4}`, 'stderr=LAST', 'exit=1'],
    });
    const all = `${'0123456789'.repeat(total).slice(0, total - 4)}LAST`;
    expect(stderr).toBe(all);
    expect(message).toContain(all.slice(0, 160));
    expect(message).toContain(all.slice(-160));
    expect(message.includes(all)).toBe(hidden === 0);
    expect(message.includes(all.slice(0, 161))).toBe(hidden === 0);
    expect(message.includes(` ${hidden} bytes`)).toBe(hidden > 0);
    expect(message.length).toBeLessThan(700);
  });

  test('cuts no character in two', async () => {
    const text = encodeURIComponent('🙂'.repeat(200));
    const { message } = await runTaskToEnd({ agent: [`stderr=x${text}`, 'exit=1'] });
    expect(message).not.toContain('\ufffd');
    expect(message).toContain('🙂'.repeat(39));
  });

  test('is UTF-8 when the stderr is not', async () => {
    const { message, stdout } = await runTaskToEnd({ agent: ['stderr-binary=2000', 'exit=1'] });
    expect(message).toContain('\ufffd');
    expect(message).toMatch(/1680/);
    // The log has no characters that move the cursor or forge lines.
    expect(stdout).not.toContain('\x1b');
  });

  test('has no character with a meaning in HTML', async () => {
    const agent = [`stderr=${encodeURIComponent(`<b>"it's" & more</b>`).replaceAll("'", '%27')}`, 'exit=1'];
    const { message } = await runTaskToEnd({ agent });
    expect(message).toContain('bits  more/b');
    expect(message).not.toMatch(/[<>&'"]/);
  });

  test('does not mention stderr if it is empty', async () => {
    expect((await runTaskToEnd({ agent: ['exit=1'] })).message).not.toMatch(/stderr/i);
  });

  test('is one line in the log', async () => {
    const { stdout } = await runTaskToEnd({
      agent: ['stderr=one%0atwo%0d%0athree%1b[31m%e2%80%a8four', 'exit=1'],
    });
    expect(stdout.split('\n').filter((line) => line.includes('three'))).toHaveLength(1);
    expect(stdout.split('\n').filter((line) => /^(two|three|four)/.test(line))).toEqual([]);
  });
});

test('an endless stderr takes no memory, and both its ends are kept', async () => {
  const done = join(scratchFolder(), 'done');
  const task = await startTask({
    agent: ['stderr=BEGINNING', 'fork', 'stderr-endless', 'end', `wait-file=${done}`, 'exit=3'],
    stderr: 'stalled',
  });
  await task.run.printed(/task agent started/);
  task.run.stderr.release();
  await waitFor('much of it', () => task.run.stderr.text.length > 50_000_000);
  expect(Number.parseInt(statusField(readProc(task.run.pid, 'status'), 'RssAnon'), 10)).toBeLessThan(100_000);
  await writeFile(done, '');
  const ended = await finish(task);
  expect(ended).toMatchObject({ status: 0, calls: ['fail'] });
  expect(ended.message).toContain('BEGINNING');
  expect(ended.message).toMatch(/\d{4,} bytes/);
});

/** Tasks that fail, by whether the task may be handed back. */
const retryable: Readonly<Record<string, TaskToRun>> = {
  'an agent that cannot start': { config: { task_agent_path: '/nowhere' } },
  'any failure with unsafe retries': { config: { enable_unsafe_retries: true }, agent: ['exit=3'] },
  'an entrypoint that cannot start, with unsafe retries': {
    config: { enable_unsafe_retries: true, cmd: ['/nowhere'] },
  },
  'an unknown user, with unsafe retries': { config: { enable_unsafe_retries: true, user: 'nobody-here' } },
};
const final: Readonly<Record<string, TaskToRun>> = {
  'an agent that fails': { agent: ['exit=3'] },
  'an agent that is killed': { agent: ['raise=9'] },
  'an entrypoint that cannot start': { config: { cmd: ['/nowhere'] } },
  'an unknown user': { config: { user: 'nobody-here' } },
};

describe.each(Object.keys(retryable))('%s', (kind) => {
  const toRun = retryable[kind] ?? {};

  test('is handed back with the task id and the token', async () => {
    const task = await startTask(toRun);
    expect(await finish(task)).toMatchObject({ status: 0, calls: ['unclaim'] });
    expect(task.api.requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v3/runner/unclaim',
      json: { task_id: task.taskId, task_token: task.token },
    });
  });

  test('is reported as failed when the retries are used up, and says so', async () => {
    const task = await runTaskToEnd({ ...toRun, answers: { unclaim: exhausted } });
    expect(task).toMatchObject({ status: 0, calls: ['unclaim', 'fail'] });
    expect(task.message).toMatch(/retries are used up/);
  });

  test('is reported as failed when it cannot be handed back, and both are logged', async () => {
    const task = await runTaskToEnd({ ...toRun, answers: { unclaim: refused } });
    expect(task).toMatchObject({ status: 0, calls: ['unclaim', 'fail'] });
    expect(task.message).not.toMatch(/used up/);
    expect(task.stdout).toMatch(/ERROR task failed/);
    expect(task.stdout).toMatch(/ERROR .*403/);
  });

  test.each([403, 409])(
    'ends with 1 when neither call succeeds (unclaim %d, fail 403), and everything is logged',
    async (status) => {
      const task = await runTaskToEnd({ ...toRun, answers: { unclaim: [{ status }], fail: refused } });
      expect(task).toMatchObject({ status: 1, calls: ['unclaim', 'fail'] });
      expect(task.stdout).toMatch(/ERROR task failed/);
      expect(task.stdout).toMatch(/ERROR .*403/);
    },
  );
});

describe.each(Object.keys(final))('%s', (kind) => {
  const toRun = final[kind] ?? {};

  test('is reported as failed', { tags: ['quick'] }, async () => {
    const before = Date.now();
    const task = await startTask(toRun);
    const ended = await finish(task);
    expect(ended).toMatchObject({ status: 0, calls: ['fail'] });
    const [request] = task.api.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/api/v2/task/event/fail' });
    const { allocation, timestamp, message } = Object(request?.json);
    expect(allocation).toBe(task.allocation);
    expect(timestamp).toBeGreaterThanOrEqual(before);
    expect(timestamp).toBeLessThanOrEqual(Date.now());
    expect(Number.isInteger(timestamp)).toBe(true);
    expect(message).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(Object.keys(Object(request?.json))).toHaveLength(3);
  });

  test.each([400, 401, 404, 409])('ends with 1 when the report is answered by %d', async (status) => {
    const task = await runTaskToEnd({ ...toRun, answers: { fail: [{ status }] } });
    expect(task).toMatchObject({ status: 1, calls: ['fail'] });
    expect(task.stdout).toMatch(/ERROR task failed/);
    expect(task.stdout).toContain(String(status));
  });
});

describe('before the task begins', () => {
  test('a taken port hands the task back, without starting it', async () => {
    const server = createServer();
    await once(server.listen(0), 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    for (const address of [`:${port}`, `127.0.0.1:${port}`, `0.0.0.0:${port}`]) {
      const task = await runTaskToEnd({ flags: [`--health-check-addr=${address}`], agent: ['say=ran'] });
      expect(task).toMatchObject({ status: 0, calls: ['unclaim'] });
      expect(task.stdout).toContain(String(port));
      expect(task.stdout).not.toMatch(/^ran$/m);
    }
  });

  test.each(['203.0.113.7:0', '[2001:db8::7]:0', 'no-such-host.invalid:0'])(
    'an address that this machine does not have (%s) hands the task back',
    async (address) => {
      const task = await runTaskToEnd({ flags: [`--health-check-addr=${address}`] });
      expect(task).toMatchObject({ status: 0, calls: ['unclaim'] });
      expect(task.stdout).toContain(address);
    },
  );

  test.each(['SSL_CERT_FILE', 'SSL_CERT_DIR'])(
    'unreadable certificates (%s) hand the task back',
    async (name) => {
      const directory = scratchFolder();
      const value = name === 'SSL_CERT_FILE' ? directory : '/dev/null';
      const task = await runTaskToEnd({ env: { [name]: value }, agent: ['say=ran'] });
      expect(task).toMatchObject({ status: 0, calls: ['unclaim'] });
      expect(task.stdout).toContain(value);
      expect(task.stdout).not.toMatch(/^ran$/m);
    },
  );

  test.runIf(isRoot)('certificates that only root can read hand the task back', async () => {
    const directory = scratchFolder();
    await chmod(directory, 0o755);
    const file = join(directory, 'certificates.pem');
    await writeFile(file, '', { mode: 0o600 });
    const through = ['setpriv', '--reuid=61235', '--regid=61235', '--clear-groups'];
    const task = await runTaskToEnd({ through, env: { SSL_CERT_FILE: file } });
    expect(task).toMatchObject({ status: 0, calls: ['unclaim'] });
    expect(task.stdout).toContain(file);
  });

  test('a readiness file below a file is waited for until a signal', async () => {
    const task = await startTask({ config: { readiness_file_path: '/dev/null/ready' } });
    await task.run.healthUrl();
    task.run.signal('SIGTERM');
    expect(await finish(task)).toMatchObject({ status: 0, calls: ['unclaim'] });
  });
});
