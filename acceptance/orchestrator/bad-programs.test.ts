import { execFile as execFileCallback } from 'node:child_process';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { isRoot } from '../../internal/dev/testing/is-root.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { taskLives } from './run-orchestrator.ts';
import { finish, runTaskToEnd, startTask } from './start-task.ts';

const execFile = promisify(execFileCallback);

/** Makes a file that is not a program, and returns its path. */
const makers: Readonly<Record<string, (directory: string) => Promise<string>>> = {
  'does not exist': async (directory) => join(directory, 'missing'),
  'is in a directory that does not exist': async (directory) => join(directory, 'missing', 'agent'),
  'is not executable': (directory) => makeFile(directory, '#!/bin/sh\n', 0o644),
  'is a text without a first line for the kernel': (directory) => makeFile(directory, 'echo hello\n', 0o755),
  'is empty': (directory) => makeFile(directory, '', 0o755),
  'is binary garbage': (directory) => makeFile(directory, Buffer.from([0xff, 0xd8, 0, 1, 2, 3]), 0o755),
  'is cut short': async (directory) =>
    makeFile(directory, (await readFile(await buildFakeAgent())).subarray(0, 40), 0o755),
  'is for another machine': async (directory) => {
    const program = await readFile(await buildFakeAgent());
    program.writeUInt16LE(22, 18); // s390x
    return makeFile(directory, program, 0o755);
  },
  'is a directory': async (directory) => {
    await mkdir(join(directory, 'agent'));
    return join(directory, 'agent');
  },
  'is a link to itself': async (directory) => {
    await symlink('agent', join(directory, 'agent'));
    return join(directory, 'agent');
  },
  'has a file as its directory': async (directory) => join(await makeFile(directory, '', 0o755), 'agent'),
  'needs an interpreter that is not there': (directory) => makeFile(directory, '#!/no/such/sh\n', 0o755),
  'has a name that is too long': async (directory) => join(directory, 'x'.repeat(300)),
  'is a device': async () => '/dev/null',
};

async function makeFile(directory: string, content: string | Buffer, mode: number): Promise<string> {
  const path = join(directory, 'agent');
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

describe.each(taskLives)('%s:', (life) => {
  test.each(Object.keys(makers))('an agent that %s hands the task back and is named', async (kind) => {
    const path = (await makers[kind]?.(scratchFolder())) ?? '';
    const task = await runTaskToEnd({ life, config: { task_agent_path: `${path} --option` } });
    expect(task).toMatchObject({ status: 0, calls: ['unclaim'], stderr: '' });
    expect(task.stdout.split('\n').filter((line) => line.includes(path))).toHaveLength(1);
    expect(task.stdout).toContain('could not be started');
  });

  test.each(Object.keys(makers))('an entrypoint that %s is a failure and is named', async (kind) => {
    const path = (await makers[kind]?.(scratchFolder())) ?? '';
    const task = await runTaskToEnd({
      life,
      config: { cmd: [path, 'an argument'] },
      agent: ['say=agent%20ran'],
    });
    expect(task).toMatchObject({ status: 0, calls: ['fail'], stderr: '' });
    expect(task.message).toContain(path);
    expect(task.message).toContain('could not be started');
    expect(task.stdout).not.toContain('agent ran');
  });
});

test.each(['', ' ', '   '])('an agent path of %j hands the task back', async (task_agent_path) => {
  const task = await runTaskToEnd({ config: { task_agent_path } });
  expect(task).toMatchObject({ status: 0, calls: ['unclaim'] });
  expect(task.stdout).toContain('task_agent_path');
});

test.each(['no-such-agent-anywhere', '-x', '~/agent', '$HOME/agent'])(
  'an agent %j is not found',
  async (task_agent_path) => {
    const task = await runTaskToEnd({ config: { task_agent_path } });
    expect(task).toMatchObject({ status: 0, calls: ['unclaim'] });
    expect(task.stdout).toContain(task_agent_path);
  },
);

test('an entrypoint without a name is a failure', async () => {
  expect(await runTaskToEnd({ config: { cmd: [''] } })).toMatchObject({ status: 0, calls: ['fail'] });
});

test.runIf(isRoot)('an agent that its user may not reach hands the task back', async () => {
  const directory = scratchFolder();
  await writeFile(join(directory, 'agent'), '#!/bin/sh\n', { mode: 0o755 });
  await chmod(directory, 0o700);
  const task = await runTaskToEnd({ config: { user: '65534', task_agent_path: join(directory, 'agent') } });
  expect(task).toMatchObject({ status: 0, calls: ['unclaim'] });
  expect(task.stdout).toMatch(/EACCES/);
});

test('an agent on a mount without exec hands the task back and says so', async () => {
  const directory = scratchFolder();
  const agent = await buildFakeAgent();
  const task = await runTaskToEnd({
    prepare: `mount -t tmpfs -o noexec none '${directory}' && cp '${agent}' '${directory}/agent'`,
    config: { task_agent_path: `${directory}/agent` },
  });
  expect(task).toMatchObject({ status: 0, calls: ['unclaim'] });
  expect(task.stdout).toMatch(/noexec/);
});

test('an environment that is too long for the agent hands the task back and says so', async () => {
  const readiness_file_path = join(scratchFolder(), 'ready');
  const env = { BIG_1: 'x'.repeat(100_000), BIG_2: 'x'.repeat(100_000) };
  const task = await startTask({ env, config: { readiness_file_path } });
  await task.run.healthUrl();
  // The kernel allows arguments and environment a quarter of the stack's limit: execve(2).
  await execFile('prlimit', [`--pid=${task.run.pid}`, '--stack=131072:']);
  await writeFile(readiness_file_path, '');
  const { status, calls, stdout } = await finish(task);
  expect({ status, calls }).toEqual({ status: 0, calls: ['unclaim'] });
  expect(stdout).toMatch(/too long.*E2BIG/);
});

test.runIf(isRoot)(
  'a limit of processes that is reached hands the task back, and the message names it',
  async () => {
    const readiness_file_path = join(scratchFolder(), 'ready');
    const asNobodyElse = ['setpriv', '--reuid=61234', '--regid=61234', '--clear-groups'];
    const task = await startTask({ through: asNobodyElse, config: { readiness_file_path } });
    await task.run.healthUrl();
    const [file = '', ...rest] = [...asNobodyElse, 'prlimit', `--pid=${task.run.pid}`, '--nproc=1:'];
    await execFile(file, rest);
    await writeFile(readiness_file_path, '');
    const { status, calls, stdout } = await finish(task);
    expect({ status, calls }).toEqual({ status: 0, calls: ['unclaim'] });
    expect(stdout).toMatch(/limit of processes/);
  },
);
