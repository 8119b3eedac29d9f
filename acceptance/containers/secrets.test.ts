import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PodTask, type PodTaskOptions } from './pod-task.ts';

const script = join(import.meta.dirname, 'steal-secrets.sh');
const withScript = `--volume=${script}:/steal-secrets.sh:ro`;
const thief = ['exec', '/bin/busybox', 'sh', '/steal-secrets.sh'];

/** What the thief finds, of the orchestrator and of all other processes. */
async function steal(options: PodTaskOptions = {}): Promise<string> {
  const { docker = [], ...others } = options;
  await using task = await PodTask.start({ agent: thief, docker: [withScript, ...docker], ...others });
  // finish() fails if the token is anywhere in the output, which all that was stolen is part of.
  const { status, stdout, calls } = await task.finish();
  expect({ status, calls }).toEqual({ status: 0, calls: [] });
  expect(stdout).toContain('the thief is done');
  return stdout;
}

const sectionOf = (loot: string, pid: number) =>
  loot.split('== ').find((part) => part.startsWith(`${pid}: `)) ?? '';

test.each([
  ['root', []],
  ['root with all of the usual capabilities and CAP_PERFMON', ['--cap-add=PERFMON']],
  ['root with CAP_DAC_READ_SEARCH and CAP_SYS_ADMIN', ['--cap-add=DAC_READ_SEARCH', '--cap-add=SYS_ADMIN']],
  ['another user', ['--user=1000']],
  ['root without capabilities', ['--cap-drop=ALL']],
])('a job as %s can read no secret of the orchestrator', async (_who, docker) => {
  const found = sectionOf(await steal({ docker }), 1);
  expect(found).toContain('Name: orchestrator');
  expect(found).toMatch(/mem: Permission denied|can't open '\/proc\/1\/mem'/);
  expect(found).not.toContain('CIRCLECI_GOAT_CONFIG');
});

test('a job sees what it may see, so that it would see a secret', async () => {
  const cmd = ['/bin/busybox', 'sh', '-c', 'NOT_SECRET=this-is-readable exec /bin/busybox sleep 1000'];
  const loot = await steal({ fields: { cmd }, docker: ['--user=1000'] });
  expect(loot.match(/NOT_SECRET=this-is-readable/g)?.length).toBeGreaterThanOrEqual(1);
});

test('the configuration as a flag is in no argument list', async () => {
  await using task = await PodTask.start({
    agent: thief,
    docker: [withScript],
    configAsFlag: true,
  });
  const { status, stdout } = await task.finish();
  expect(status).toBe(0);
  expect(sectionOf(stdout, 1)).toMatch(/-- cmdline\n\S*orchestrator\0run-task\0/);
});

test('another process that somebody starts in the container can read no secret either', async () => {
  await using task = await PodTask.start({
    docker: [withScript],
    agent: ['say=the%20agent%20runs', 'wait-file=/shared/end'],
  });
  await task.container.printed(/the agent runs/);
  // The engine gives such a process the container's environment; the shell's own is what it leaves alone.
  const { stdout } = await task.container.exec('env', '-i', '/bin/busybox', 'sh', '/steal-secrets.sh');
  expect(sectionOf(stdout, 1)).toContain('Name: orchestrator');
  expect(stdout).not.toContain(task.task.token);
  await task.pod.touch('end');
  expect((await task.finish()).status).toBe(0);
});

test('an orchestrator that crashes leaves no core dump', async () => {
  const pattern = await readFile('/proc/sys/kernel/core_pattern', 'utf8');
  const folder = await mkdtemp(join(tmpdir(), 'cores-'));
  try {
    const crash = (name: string) => `kill -ABRT ${name}`;
    const docker = ['--init', '--ulimit=core=-1', `--volume=${folder}:/cores`, '--workdir=/cores'];
    await using task = await PodTask.start({ docker, agent: ['say=the%20agent%20runs', 'forever'] });
    await task.container.printed(/the agent runs/);
    // A process that may be dumped, to know that this machine writes dumps to where this test looks for them.
    await task.container.exec('sh', '-c', crash('$$'));
    if (!/^[|/]/.test(pattern)) expect(await readdir(folder)).toHaveLength(1);
    const before = await readdir(folder);
    await task.container.exec('sh', '-c', crash('$(pidof orchestrator)'));
    expect((await task.finish()).status).toBe(134);
    expect(await readdir(folder)).toEqual(before);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the files of the orchestrator in /proc belong to root, whoever it runs as', async () => {
  await using task = await PodTask.start({
    docker: ['--user=1000'],
    agent: ['say=the%20agent%20runs', 'wait-file=/shared/end'],
  });
  await task.container.printed(/the agent runs/);
  const pid = await task.container.running();
  const { uid } = await stat(`/proc/${pid}/environ`);
  expect(uid).toBe(0);
  await task.pod.touch('end');
  expect((await task.finish()).status).toBe(0);
});
