import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { taskLives } from './run-orchestrator.ts';
import { finish, runTaskToEnd, startTask } from './start-task.ts';

const maximum = 9_223_372_036_854_775_807n;

async function agentArguments(config: Record<string, unknown>): Promise<string[]> {
  const file = join(scratchFolder(), 'arguments');
  await runTaskToEnd({ agent: [`into=${file}`, 'print=/proc/self/cmdline'], config });
  const all = (await readFile(file, 'utf8')).split('\0').slice(0, -1);
  return all.slice(all.indexOf('_internal'));
}

describe.each(taskLives)('a task, %s', (life) => {
  test('that succeeds ends the container with 0, and makes no call', { tags: ['quick'] }, async () => {
    const task = await runTaskToEnd({
      life,
      agent: ['stdout=from%20the%20agent%0a', 'stderr=and%20more%0a'],
    });
    expect(task).toMatchObject({ status: 0, signal: null, calls: [], stderr: 'and more\n' });
    expect(task.stdout).toMatch(/^from the agent$/m);
  });

  test('gives the agent the token on stdin and ends stdin after it', { tags: ['quick'] }, async () => {
    const file = join(scratchFolder(), 'stdin');
    const { token, ...task } = await startTask({ life, agent: [`into=${file}`, 'stdin-echo', 'say=%00end'] });
    expect((await finish({ token, ...task })).status).toBe(0);
    expect(await readFile(file, 'latin1')).toBe(`${token}\0end\n`);
  });

  test('starts a custom entrypoint before the agent, and continues when the entrypoint ends', {
    tags: ['quick'],
  }, async () => {
    const directory = scratchFolder();
    const [started, done] = [join(directory, 'started'), join(directory, 'done')];
    const { run, ...task } = await startTask({
      life,
      entrypoint: [`touch=${started}`, 'exit=7'],
      agent: [`wait-file=${started}`, `wait-file=${done}`],
    });
    await run.printed(/entrypoint.*exit status 7/);
    await writeFile(done, '');
    expect(await finish({ run, ...task })).toMatchObject({ status: 0, calls: [] });
  });
});

test('a custom entrypoint is not the agent: it has no token, no options and the null device as stdin', async () => {
  const directory = scratchFolder();
  const [file, done] = [join(directory, 'entrypoint'), join(directory, 'done')];
  const task = await runTaskToEnd({
    entrypoint: [`into=${file}`, 'stdin-echo', 'print-fds', 'print=/proc/self/cmdline', `touch=${done}`],
    agent: [`wait-file=${done}`],
  });
  const report = await readFile(file, 'utf8');
  expect(task.status).toBe(0);
  expect(report).toContain('0 -> /dev/null\n');
  expect(report).not.toContain('_internal');
});

test('the agent gets these options in this order', async () => {
  const options = await agentArguments({ runner_api_base_url: 'https://runner.example', allocation: 'al-1' });
  expect(options).toEqual([
    '_internal',
    'agent-runner',
    '--verbose',
    '--runnerAPIBaseURL=https://runner.example',
    '--allocation=al-1',
    '--disableSpinUpStep',
    '--disableIsolatedSSHDir',
    '--maxRunTime=1h0m0s',
  ]);
});

test('the agent gets the SSH address to advertise if it is set', async () => {
  expect((await agentArguments({ ssh_advertise_addr: '1.2.3.4:54782' })).at(-1)).toBe(
    '--sshAdvertiseAddr=1.2.3.4:54782',
  );
});

test('options with spaces, quotes and non-ASCII text reach the agent as one argument each', async () => {
  const allocation = `a b "c" 'd' $e größer 漢字 \n 🙂`;
  expect(await agentArguments({ allocation })).toContain(`--allocation=${allocation}`);
});

test.each([
  [undefined, '0s'],
  [0, '0s'],
  [1, '1ns'],
  [1000, '1µs'],
  [1_500_000, '1.5ms'],
  [1_500_000_000, '1.5s'],
  [60_000_000_000, '1m0s'],
  [18_000_000_000_000, '5h0m0s'],
  [18_061_500_000_000, '5h1m1.5s'],
  [-1_000_000_000, '-1s'],
])('max_run_time %s is %s for the agent', async (max_run_time, text) => {
  expect(await agentArguments({ max_run_time })).toContain(`--maxRunTime=${text}`);
});

test('the longest max_run_time loses no digit', async () => {
  const file = join(scratchFolder(), 'arguments');
  const agent = await buildFakeAgent();
  const configText = `{"task_agent_path":"${agent} into=${file} print=/proc/self/cmdline","max_run_time":${maximum}}`;
  expect((await runTaskToEnd({ configText })).status).toBe(0);
  expect(await readFile(file, 'utf8')).toContain('--maxRunTime=2562047h47m16.854775807s\0');
});

test.each([1, 2, 3])('%d spaces between the words of task_agent_path count as one', async (count) => {
  const file = join(scratchFolder(), 'arguments');
  const agent = await buildFakeAgent();
  const blanks = ' '.repeat(count);
  const task_agent_path = `${blanks}${agent}${blanks}into=${file}${blanks}print=/proc/self/cmdline${blanks}`;
  expect((await runTaskToEnd({ config: { task_agent_path } })).status).toBe(0);
  expect(await readFile(file, 'utf8')).toMatch(/^[^\0]*\0into=[^\0]*\0print=[^\0]*\0_internal\0/);
});

test('the agent is found along PATH if it is named without a directory', async () => {
  const directory = scratchFolder();
  await writeFile(join(directory, 'circleci-agent'), '#!/bin/sh\necho "found $0"\n', { mode: 0o755 });
  const env = { PATH: `/nowhere:${directory}:/usr/bin:/bin` };
  const task = await runTaskToEnd({ env, config: { task_agent_path: 'circleci-agent' } });
  expect(task.status).toBe(0);
  expect(task.stdout).toContain(`found ${directory}/circleci-agent\n`);
});

test('the agent and the entrypoint have process groups of their own', async () => {
  const directory = scratchFolder();
  const file = (name: string) => join(directory, name);
  await runTaskToEnd({
    entrypoint: [`into=${file('entrypoint')}`, 'print=/proc/self/stat', `touch=${file('done')}`],
    agent: [`wait-file=${file('done')}`, `into=${file('agent')}`, 'print=/proc/self/stat'],
  });
  for (const name of ['entrypoint', 'agent']) {
    const [pid, , , , group] = (await readFile(file(name), 'utf8')).split(' ');
    expect(group).toBe(pid);
  }
});

test('an agent that does not read its stdin does no harm', async () => {
  const task = await runTaskToEnd({ config: { token: 'x'.repeat(60_000) }, agent: ['close=0', 'exit=0'] });
  expect(task).toMatchObject({ status: 0, calls: [] });
});

describe('the readiness file', () => {
  test('may already exist', async () => {
    const readiness_file_path = join(scratchFolder(), 'ready');
    await writeFile(readiness_file_path, '');
    expect(await runTaskToEnd({ config: { readiness_file_path } })).toMatchObject({ status: 0, calls: [] });
  });

  test.each(['', 'text'])('starts the agent when it appears, with the content %j', async (content) => {
    const directory = scratchFolder();
    const readiness_file_path = join(directory, 'ready');
    const started = join(directory, 'started');
    const task = await startTask({ config: { readiness_file_path }, agent: [`touch=${started}`] });
    await task.run.healthUrl();
    await expect(readFile(started)).rejects.toThrow('ENOENT');
    await writeFile(readiness_file_path, content);
    expect(await finish(task)).toMatchObject({ status: 0, calls: [] });
    expect(await readFile(started, 'utf8')).toBe('');
  });

  test('may appear in a directory that does not exist at first', async () => {
    const directory = scratchFolder();
    const readiness_file_path = join(directory, 'later', 'ready');
    const task = await startTask({
      config: {
        readiness_file_path,
        cmd: ['/bin/sh', '-c', `sleep 0.3; mkdir -p ${directory}/later && : > ${readiness_file_path}`],
      },
    });
    expect(await finish(task)).toMatchObject({ status: 0, calls: [] });
  });
});
