import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFakeAgent } from '../../internal/dev/testing/build-fake-agent.ts';
import { isRoot } from '../../internal/dev/testing/is-root.ts';
import { statusField } from '../../internal/dev/testing/proc.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { taskLives } from './run-orchestrator.ts';
import { finish, runTaskToEnd, startTask, type TaskToRun } from './start-task.ts';

const passwd = `root:x:0:0:root:/root:/bin/sh
circleci:x:3434:3435:CircleCI:/home/circleci:/bin/bash
nohome:x:3500:3501:::
4000:x:4001:4002:a name of digits:/home/digits:/bin/sh
größer:x:3600:3601::/home/größer:/bin/sh
# a comment
broken:line
last:x:3700:3701::/home/last:/bin/sh`;

const group = `root:x:0:
circleci:x:3435:
docker:x:999:someone,circleci
video:x:44:circleci
digits:x:4002:
others:x:50:someone
last:x:3701:`;

/** Runs the agent as a user of the image above, and returns its own report. */
async function agentAs(user: string, toRun: TaskToRun = {}) {
  const directory = scratchFolder();
  const file = (name: string) => join(directory, name);
  // Every user may enter this folder, unlike the folder of the repository.
  await copyFile(await buildFakeAgent(), file('agent'));
  await Promise.all([writeFile(file('passwd'), passwd), writeFile(file('group'), group)]);
  const report = [`into=${file('status')}`, 'print=/proc/self/status', `into=${file('environ')}`];
  const task = await runTaskToEnd({
    mounts: { '/etc/passwd': file('passwd'), '/etc/group': file('group') },
    ...toRun,
    config: {
      user,
      task_agent_path: [file('agent'), ...report, 'print=/proc/self/environ'].join(' '),
      ...toRun.config,
    },
  });
  const read = (name: string) => readFile(file(name), 'utf8').catch(() => '');
  const [status, environment] = await Promise.all([read('status'), read('environ')]);
  const numbers = (field: string) => statusField(status, field).split(/\s+/).filter(Boolean).map(Number);
  return {
    task,
    uid: numbers('Uid'),
    gid: numbers('Gid'),
    groups: numbers('Groups'),
    home: environment.split('\0').filter((entry) => entry.startsWith('HOME=')),
  };
}

test.runIf(isRoot)(
  'without CAP_KILL, the log says that no signal reaches the agent, and the task still ends',
  async () => {
    const agent = join(scratchFolder(), 'agent');
    await copyFile(await buildFakeAgent(), agent);
    const task = await startTask({
      life: 'pid 1',
      through: ['setpriv', '--bounding-set=-kill', '--inh-caps=-kill'],
      flags: ['--termination-grace-period=0s'],
      config: { user: '3434', task_agent_path: `${agent} say=running forever` },
    });
    await task.run.printed(/running/);
    task.run.signal('SIGTERM');
    const { calls, status, stdout } = await finish(task);
    expect({ calls, status }).toEqual({ calls: ['fail'], status: 0 });
    expect(stdout).toMatch(/no signal can reach the task agent: .* lacks the capability KILL/);
    expect(stdout).toMatch(/belongs to another user, so it may not be killed/);
  },
);

const four = (id: number) => [id, id, id, id];

describe.runIf(isRoot)('the agent runs as', () => {
  test.each([
    ['circleci', 3434, 3435, [44, 999], '/home/circleci'],
    ['3434', 3434, 3435, [44, 999], '/home/circleci'],
    ['circleci:docker', 3434, 999, [44, 999], '/home/circleci'],
    ['circleci:50', 3434, 50, [44, 999], '/home/circleci'],
    ['3434:3435', 3434, 3435, [44, 999], '/home/circleci'],
    ['circleci:77777', 3434, 77777, [44, 999], '/home/circleci'],
    ['4000', 4000, 0, [], '/'], // As in container engines, a number is an id, even if a user has it as a name.
    ['größer', 3600, 3601, [], '/home/größer'],
    ['last', 3700, 3701, [], '/home/last'],
    ['nohome', 3500, 3501, [], '/'],
    ['12345', 12345, 0, [], '/'],
    ['12345:23456', 12345, 23456, [], '/'],
    ['12345:docker', 12345, 999, [], '/'],
  ])('%s', async (user, uid, gid, groups, home) => {
    const agent = await agentAs(user, { env: { HOME: '/before' } });
    expect(agent.task).toMatchObject({ status: 0, calls: [] });
    expect(agent).toMatchObject({ uid: four(uid), gid: four(gid), home: [`HOME=${home}`] });
    expect([...agent.groups].sort((a, b) => a - b)).toEqual(groups);
  });

  test('the user of the orchestrator, without a switch, if it is named', async () => {
    const agent = await agentAs('root', { env: { HOME: '/before' } });
    expect(agent).toMatchObject({ uid: four(0), gid: four(0), home: ['HOME=/before'] });
  });

  test('the current user of the container, without the right to switch', async () => {
    const agent = await agentAs('circleci', {
      through: [
        'setpriv',
        '--reuid=3434',
        '--regid=3435',
        '--groups=60',
        '--no-new-privs',
        '--bounding-set=-all',
        '--inh-caps=-all',
      ],
      env: { HOME: '/before' },
    });
    expect(agent.task).toMatchObject({ status: 0, calls: [] });
    expect(agent).toMatchObject({ uid: four(3434), gid: four(3435), home: ['HOME=/before'] });
  });

  test('a user without the groups of the orchestrator', async () => {
    const agent = await agentAs('12345', { through: ['setpriv', '--groups=60,61'] });
    expect(agent).toMatchObject({ uid: four(12345), groups: [] });
  });

  test.each(taskLives)(
    'circleci, %s, and is ended with all processes that it started',
    { tags: ['quick'] },
    async (life) => {
      const agent = await agentAs('circleci', { life });
      expect(agent.task.status).toBe(0);
      expect(agent.uid).toEqual(four(3434));
    },
  );

  test('a user who may open stdin and stderr by their names in /dev', async () => {
    const directory = scratchFolder();
    const task_agent_path = join(directory, 'script');
    const script = '#!/bin/sh\ncat /dev/stdin > /dev/null && echo through the name > /dev/stderr\n';
    await writeFile(task_agent_path, script, { mode: 0o755 });
    const { task } = await agentAs('circleci', { config: { task_agent_path } });
    expect(task).toMatchObject({ status: 0, stderr: 'through the name\n' });
  });

  test('nobody: the custom entrypoint is not switched', async () => {
    const file = join(scratchFolder(), 'entrypoint');
    const { task } = await agentAs('circleci', {
      entrypoint: [`into=${file}`, 'print=/proc/self/status'],
    });
    expect(task.status).toBe(0);
    expect(statusField(await readFile(file, 'utf8'), 'Uid')).toBe('0\t0\t0\t0');
  });
});

describe.runIf(isRoot)(
  'a user that the image does not have is a failure that names the user, and nothing runs:',
  () => {
    test.each([
      'nobody-here',
      'circleci:no-such-group',
      ':docker',
      'circleci:',
      'circleci:docker:more',
      '-1',
      '4294967295',
      '99999999999',
      ' ',
      'broken',
      '../etc',
      'circleci\n',
    ])('%j', async (user) => {
      const { task, uid } = await agentAs(user);
      expect(task).toMatchObject({ status: 0, calls: ['fail'] });
      expect(task.stdout).toContain(user.trim());
      expect(task.message).toContain(user.trim());
      expect(uid).toEqual([]);
    });

    test('any name, without /etc/passwd', async () => {
      const { task } = await agentAs('circleci', { prepare: 'mount -t tmpfs none /etc', mounts: {} });
      expect(task).toMatchObject({ status: 0, calls: ['fail'] });
      expect(task.message).toContain('circleci');
    });

    test('but a number needs neither an entry nor /etc', async () => {
      const agent = await agentAs('3434', { prepare: 'mount -t tmpfs none /etc', mounts: {} });
      expect(agent).toMatchObject({ uid: four(3434), gid: four(0), home: ['HOME=/'] });
    });
  },
);

test.runIf(isRoot)('a forbidden switch is a failure that says so', async () => {
  const { task, uid } = await agentAs('circleci', {
    through: [
      'setpriv',
      '--reuid=3600',
      '--clear-groups',
      '--no-new-privs',
      '--bounding-set=-all',
      '--inh-caps=-all',
    ],
  });
  expect(task.status).toBe(0);
  expect(task.calls).toEqual(['unclaim']);
  expect(task.stdout).toMatch(/CAP_SETUID|EPERM/);
  expect(uid).toEqual([]);
});
