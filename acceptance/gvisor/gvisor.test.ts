import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callsIn, lastMessageIn } from '../../internal/dev/runner-api/received-requests.ts';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { executable } from '../../internal/dev/testing/executable.ts';
import { type GvisorProcess, startInGvisor } from '../../internal/dev/testing/gvisor/start-in-gvisor.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { type ConfigFields, taskConfig } from '../../internal/dev/testing/task-config.ts';
import { endWithTest } from '../orchestrator/run-orchestrator.ts';
import { startApi } from '../orchestrator/start-task.ts';

interface TaskUnderGvisor extends GvisorProcess {
  readonly agent?: readonly string[];
  readonly config?: ConfigFields;
  readonly command?: readonly string[];
}

/** Starts `run-task` with the fake agent as PID 1 under gVisor. */
async function start({
  agent = [],
  config: fields,
  command = ['run-task'],
  ...process
}: TaskUnderGvisor = {}) {
  const fakeAgent = await buildFakeAgent();
  const api = await startApi();
  const task_agent_path = [fakeAgent, ...agent].join(' ');
  const config = taskConfig({ runner_api_base_url: api.url, task_agent_path, ...fields });
  const env = { CIRCLECI_GOAT_CONFIG: JSON.stringify(config) };
  const commandLine = [executable, ...command, '--health-check-addr=:0', '--termination-grace-period=0s'];
  const { run, signal } = await startInGvisor(commandLine, { env, ...process });
  endWithTest(run, []);
  const finish = async () => {
    const ended = await run.result();
    return { ...ended, calls: callsIn(api.requests), message: lastMessageIn(api.requests) };
  };
  return { run, signal, finish, token: String(config.token) };
}

async function runToEnd(task?: TaskUnderGvisor) {
  return (await start(task)).finish();
}

test('a task succeeds, and the agent has the token', async () => {
  const { finish, token } = await start({ agent: ['stdin-echo'] });
  const { stdout, ...ended } = await finish();
  expect(ended).toMatchObject({ status: 0, calls: [], stderr: '' });
  expect(stdout).toContain(token);
  expect(stdout).toContain('task ended well');
});

test.each<[string, GvisorProcess]>([
  ['as root', {}],
  ['as another user with a read-only root', { uid: 1000, readOnlyRoot: true }],
])('a failure is reported, %s', async (_title, process) => {
  const ended = await runToEnd({ agent: ['stderr=no%20such%20step', 'exit=3'], ...process });
  expect(ended).toMatchObject({ status: 0, calls: ['fail'], stderr: 'no such step' });
  expect(ended.message).toMatch(/exit status 3.*no such step/s);
});

test('a task that cannot start is handed back', async () => {
  const ended = await runToEnd({ config: { task_agent_path: '/nowhere/agent' } });
  expect(ended).toMatchObject({ status: 0, calls: ['unclaim'], stderr: '' });
});

test('a signal ends the agent and its processes, and the failure is reported', async () => {
  const task = await start({
    agent: ['daemon', 'ignore=15', 'forever', 'end', 'say=the%20agent%20runs', 'forever'],
  });
  await task.run.printed(/the agent runs/);
  await task.signal('SIGTERM');
  const ended = await task.finish();
  expect(ended).toMatchObject({ status: 0, calls: ['fail'], stderr: '' });
  expect(ended.message).toContain('SIGTERM');
});

test('orphans are reaped', async () => {
  const { status, stdout } = await runToEnd({ agent: ['orphans=50', 'late-orphans=50', 'exit=0'] });
  expect(status).toBe(0);
  expect(stdout).toContain('orphans.reaped=100');
});

test('the agent runs as another user', async () => {
  const { status, stdout } = await runToEnd({
    agent: ['print=/proc/self/status'],
    config: { user: '1234:2345' },
    capabilities: ['CAP_SETUID', 'CAP_SETGID', 'CAP_CHOWN', 'CAP_KILL'],
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Uid:\t1234\t1234\t1234\t1234\nGid:\t2345\t2345\t2345\t2345$/m);
});

test('a custom entrypoint runs beside the agent', async () => {
  const release = join(scratchFolder(), 'release');
  const cmd = [await buildFakeAgent(), 'say=entrypoint', `touch=${release}`, 'forever'];
  const ended = await runToEnd({ agent: [`wait-file=${release}`], config: { cmd } });
  expect(ended).toMatchObject({ status: 0, calls: [], stderr: '' });
  expect(ended.stdout).toMatch(/^entrypoint$/m);
});

test('override becomes the entrypoint, which executes run-task', async () => {
  const entrypoint = [await buildFakeAgent(), 'say=entrypoint', 'exec'];
  const ended = await runToEnd({
    command: ['override', `--entrypoint=${entrypoint.join(',')}`],
    agent: ['exit=3'],
  });
  expect(ended).toMatchObject({ status: 0, calls: ['fail'], stderr: '' });
  expect(ended.stdout).toMatch(/^entrypoint$/m);
});

test('init copies both programs', async () => {
  const [source, destination] = [join(scratchFolder(), 'source'), join(scratchFolder(), 'destination')];
  await Promise.all([mkdir(source), mkdir(destination)]);
  await copyFile(executable, join(source, 'orchestrator'));
  await copyFile(await buildFakeAgent(), join(source, 'circleci-agent'));
  const { run } = await startInGvisor([executable, 'init', source, destination]);
  expect(await endWithTest(run, []).result()).toMatchObject({ status: 0, stderr: '' });
  for (const name of ['orchestrator', 'circleci-agent', 'circleci']) {
    const original = name === 'circleci' ? 'circleci-agent' : name;
    expect((await readFile(join(destination, name))).equals(await readFile(join(source, original)))).toBe(
      true,
    );
  }
});
