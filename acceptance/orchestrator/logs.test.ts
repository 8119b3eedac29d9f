import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { listeningPorts, zombiesOf } from '../../internal/dev/testing/proc.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { taskLives } from './run-orchestrator.ts';
import { fileOnce, finish, runTaskToEnd, startTask } from './start-task.ts';

const value = String.raw`("(?:[^"\\]|\\.)*"|[^\s"=]+)`;
const textLine = new RegExp(
  String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO|WARN|ERROR) [^=\n]+?( [\w.-]+=${value})*$`,
);
const lines = (text: string) => text.split('\n').slice(0, -1);
const keysOf = (line: string) =>
  [...line.matchAll(new RegExp(` ([\\w.-]+)=${value}`, 'g'))].map(([, key]) => key);

describe('the text format', () => {
  test('has time, level, message and sorted fields in every line', async () => {
    const done = await runTaskToEnd({
      agent: ['exit=3'],
      config: { enable_unsafe_retries: true },
      answers: { unclaim: [{ status: 409 }] },
    });
    for (const line of lines(done.stdout).filter(Boolean)) {
      expect(line).toMatch(textLine);
      expect(keysOf(line)).toEqual([...keysOf(line)].sort());
    }
    expect(lines(done.stdout).length).toBeGreaterThan(4);
  });

  test('is the default, and has the two events that others wait for', async () => {
    const { stdout } = await runTaskToEnd();
    expect(stdout).toMatch(
      / INFO starting orchestrator allocation=\S+ app\.date=\S+ app\.version=\S+ task\.id=\S+\n/,
    );
    expect(stdout).toMatch(/ INFO server: new-server admin app\.address=\[::\]:\d+\n/);
  });

  test('keeps text from outside on one line, with harmless controls', async () => {
    const allocation = 'a\nINFO forged line app.version=1\r\x1b[31m\u2028\u202e "quoted" a=b';
    const { stdout } = await runTaskToEnd({ config: { allocation, user: allocation }, agent: ['exit=3'] });
    for (const line of lines(stdout).filter(Boolean)) expect(line).toMatch(textLine);
    expect(stdout).not.toMatch(/^INFO|\r|\u2028|\u202e/m);
    expect(stdout).not.toContain('\x1b');
  });
});

describe.each(['text', 'json'])('in the %s format', (format) => {
  const env = { CIRCLECI_GOAT_LOG_FORMAT: format };
  const ids = /"?allocation"?[=:].*"?task\.id"?[=:]|"?task\.id"?[=:].*"?allocation"?[=:]/;

  test.each([0, 3])(
    'the first and the last line of a task that exits with %d have its names',
    async (status) => {
      const { stdout } = await runTaskToEnd({ env, agent: [`exit=${status}`] });
      const events = lines(stdout).filter(Boolean);
      const [first, last] = [events[0], events.at(-1)];
      expect(first).toMatch(ids);
      expect(last).toMatch(ids);
      for (const measure of ['task.duration_ms', 'task.start_ms', 'task.teardown_ms', 'orphans.reaped']) {
        expect(last).toMatch(new RegExp(`"?${measure}"?[=:][\\d.]+\\b`));
      }
    },
  );

  test('a line follows unfinished output on a line of its own', async () => {
    const { stdout } = await runTaskToEnd({ env, agent: ['stdout=no%20line%20feed'] });
    const events = [
      'starting orchestrator',
      'new-server admin',
      'agent started',
      'agent ended',
      'ended well',
    ];
    for (const event of events) {
      expect(lines(stdout).find((line) => line.includes(event))).toMatch(/^(\d{4}-|\{)/);
    }
  });
});

describe('the json format', () => {
  test.each([
    ['a flag', { flags: ['--log-format=json'] }],
    ['a variable', { env: { CIRCLECI_GOAT_LOG_FORMAT: 'json' } }],
  ])('is chosen by %s and has one object an event', async (_title, toRun) => {
    const { stdout } = await runTaskToEnd({ ...toRun, agent: ['exit=3'] });
    const events = lines(stdout)
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(events.length).toBeGreaterThan(3);
    for (const event of events) {
      expect(event).toMatchObject({
        level: expect.stringMatching(/^(info|warn|error)$/),
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        msg: expect.any(String),
      });
    }
    const find = (message: string) => events.find(({ msg }) => msg === message);
    expect(find('starting orchestrator')).toMatchObject({
      'app.version': expect.any(String),
      'app.date': expect.any(String),
    });
    expect(find('server: new-server admin')?.['app.address']).toMatch(/^\[::\]:\d+$/);
    expect(find('task failed')).toMatchObject({
      level: 'error',
      code: 'agent-exit',
      retryable: false,
      exit_status: 3,
    });
  });
});

async function expectToBeLogged(verb: string, words: RegExp): Promise<void> {
  const done = join(scratchFolder(), 'done');
  const task = await startTask({ entrypoint: [verb], agent: [`wait-file=${done}`] });
  await task.run.printed(words);
  await writeFile(done, '');
  expect((await finish(task)).status).toBe(0);
}

test.each([
  ['exit=7', /exit status 7/],
  ['raise=15', /SIGTERM/],
])('an entrypoint that ends by %s is logged', expectToBeLogged);

test('an entrypoint that ends by raise=40 is logged', { tags: ['not-emulated/real-time-signals'] }, () =>
  expectToBeLogged('raise=40', /SIGRTMIN\+6/),
);

describe.each(taskLives)('a reader of stdout and stderr that stalls, %s,', (life) => {
  test('blocks neither health checks nor signals, reaping or the end', async () => {
    const directory = scratchFolder();
    const [agentFile, done] = [join(directory, 'agent'), join(directory, 'done')];
    const task = await startTask({
      life,
      stdout: 'stalled',
      stderr: 'stalled',
      config: { cmd: ['/bin/sh', '-c', 'yes & yes >&2'] },
      flags: ['--health-check-addr=127.0.0.1:0'],
      agent: ['orphans=100', `into=${agentFile}`, 'trap=1', 'say=listening', `wait-file=${done}`, 'exit=3'],
    });
    await fileOnce(agentFile, /listening/);
    await waitFor('no zombie', () => zombiesOf(task.run.pid) === 0);
    for (let count = 0; count < 20; count++) task.run.signal('SIGHUP');
    await fileOnce(agentFile, /got 01/);
    // The log cannot be read.
    const [port] = listeningPorts(task.run.pid);
    expect((await fetch(`http://127.0.0.1:${port}/live`)).status).toBe(200);
    await writeFile(done, '');
    await task.api.until((requests) => requests.length === 1);
    expect(await finish(task)).toMatchObject({ status: 0, calls: ['fail'] });
  });

  test('does not prevent a terminated task from ending', async () => {
    const agentFile = join(scratchFolder(), 'agent');
    const task = await startTask({
      life,
      stdout: 'stalled',
      stderr: 'stalled',
      flags: ['--termination-grace-period=0s'],
      agent: ['fork', 'stderr-endless', 'end', `into=${agentFile}`, 'say=running', 'forever'],
    });
    await fileOnce(agentFile, /running/);
    task.run.signal('SIGTERM');
    expect(await finish(task)).toMatchObject({ status: 0, calls: ['fail'] });
  });
});

describe('unwritable stdout and stderr do not matter:', () => {
  test.each([
    ['both closed', ['close=1', 'close=2']],
    ['stdin closed too', ['close=0', 'close=1', 'close=2']],
    ['stdout closed', ['close=1']],
  ])('%s', async (_title, verbs) => {
    const directory = scratchFolder();
    const file = join(directory, 'agent');
    const task = await startTask({
      through: [await buildFakeAgent(), ...verbs, 'exec'],
      agent: [
        'stderr=to%20nobody',
        'stdout=to%20nobody',
        `into=${file}`,
        'stdin-echo',
        'print-fds',
        'exit=3',
      ],
    });
    expect(await finish(task)).toMatchObject({ status: 0, calls: ['fail'] });
    const report = await readFile(file, 'latin1');
    expect(report.startsWith(task.token)).toBe(true);
    expect(report).not.toMatch(/^[3-9] ->/m);
  });

  test('a full disk', async () => {
    await using full = await open('/dev/full', 'w');
    const task = await startTask({ stdout: full.fd, stderr: full.fd, agent: ['stderr=lost', 'exit=3'] });
    expect(await finish(task)).toMatchObject({ status: 0, calls: ['fail'] });
  });

  test('readers that are gone', async () => {
    const done = join(scratchFolder(), 'done');
    const task = await startTask({
      agent: [`wait-file=${done}`, 'ignore=13', 'stderr=lost', 'stdout=lost', 'exit=3'],
    });
    await task.run.printed(/task agent started/);
    task.run.stdout.close();
    task.run.stderr.close();
    await writeFile(done, '');
    expect(await finish(task)).toMatchObject({ status: 0, calls: ['fail'] });
  });
});

test('stdout and stderr that are files are written in order', async () => {
  const file = join(scratchFolder(), 'log');
  await using handle = await open(file, 'a');
  const task = await startTask({
    stdout: handle.fd,
    stderr: handle.fd,
    agent: ['stderr=from%20stderr%0a', 'exit=3'],
  });
  await finish(task);
  const text = await readFile(file, 'utf8');
  expect(lines(text).filter((line) => line === 'from stderr')).toHaveLength(1);
  expect(text.indexOf('starting orchestrator')).toBeLessThan(text.indexOf('from stderr'));
});

test('binary output of the agent passes unchanged', async () => {
  const file = join(scratchFolder(), 'stderr');
  await using handle = await open(file, 'w');
  await finish(await startTask({ stderr: handle.fd, agent: ['stderr-binary=1200000', 'stdout=%ff%00%fe'] }));
  const pattern = Buffer.from('fffe0080c328f09f1b5b316d', 'hex');
  expect((await readFile(file)).equals(Buffer.alloc(1_200_000, pattern))).toBe(true);
});
