import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sharedScratchFolder } from '../../../internal/dev/testing/scratch-folder.ts';
import { PodTask, type TaskInPod } from './pod-task.ts';

const token = `token-${randomBytes(16).toString('hex')}`;
const running = ['say=the%20agent%20runs', 'wait-file=/shared/end'];
const thief = ['exec', '/bin/busybox', 'sh', '/steal-secrets.sh'];
const folder = sharedScratchFolder();
let tools: string[];

beforeAll(async () => {
  await writeFile(join(folder.path, 'secrets'), `${token}\n`);
  const script = join(import.meta.dirname, 'steal-secrets.sh');
  tools = [`--volume=${script}:/steal-secrets.sh:ro`, `--volume=${join(folder.path, 'secrets')}:/secrets:ro`];
});

function start({ docker = [], fields = {}, ...task }: TaskInPod = {}): Promise<PodTask> {
  return PodTask.start({ ...task, fields: { token, ...fields }, docker: [...tools, ...docker] });
}

/** Lines of the orchestrator's log, and the line feed before them. They may come between any two writes of the job. */
const logLines = /\n(?:\d{4}-\d\d-\d\dT\S+Z [A-Z]+ .*\n)+/g;

/** The data that a stealing job finds. @throws Error if it contains the token */
async function steal(toRun: TaskInPod = {}): Promise<string> {
  await using task = await start({ agent: thief, ...toRun });
  const { status, stdout, calls } = await task.finish();
  expect({ status, calls }).toEqual({ status: 0, calls: [] });
  expect(stdout).toContain('the thief is done');
  return stdout.replace(logLines, '');
}

const sectionOf = (loot: string, process: string) =>
  loot.split('== ').find((part) => part.startsWith(process)) ?? '';

describe.each([
  ['root', []],
  ['root with CAP_SYS_ADMIN', ['--cap-add=SYS_ADMIN', '--cap-add=DAC_READ_SEARCH']],
  ['another user', ['--user=1000']],
  ['root without capabilities', ['--cap-drop=ALL']],
])('a job that runs as %s', (_who, docker) => {
  test('can read neither the memory nor the environment of the orchestrator', async () => {
    const cmd = ['/bin/busybox', 'sh', '-c', `NOT_SECRET=readable exec /bin/busybox sleep 1000`];
    const loot = await steal({ docker, fields: { cmd } });
    const orchestrator = sectionOf(loot, '1 orchestrator');
    expect(orchestrator).toMatch(/\/mem': Permission denied[\s\S]*^0$/m);
    expect(orchestrator).not.toContain('CIRCLECI_GOAT_CONFIG');
    // Readable data is found, so a readable secret would be found too.
    expect(loot).toContain('NOT_SECRET=readable');
  });
});

test('a configuration from a flag shows in no argument list', async () => {
  const loot = await steal({ configAsFlag: true });
  expect(sectionOf(loot, '1 orchestrator')).toMatch(/-- cmdline\n\S*orchestrator\0run-task\0/);
});

test('a process that somebody else starts in the container cannot read secrets either', async () => {
  await using task = await start({ agent: running });
  await task.container.printed(/the agent runs/);
  // The engine gives such a process the container's environment. The orchestrator cannot change that.
  const { stdout } = await task.container.exec('env', '-i', '/bin/busybox', 'sh', '/steal-secrets.sh');
  expect(stdout).toContain('the thief is done');
  expect(sectionOf(stdout, '1 orchestrator')).toContain('Permission denied');
  expect(stdout).not.toContain(token);
  await task.pod.touch('end');
  expect((await task.finish()).status).toBe(0);
});

test('like every untraceable process, the orchestrator belongs to root in /proc, whatever its user is', async () => {
  await using task = await start({ docker: ['--user=1000'], agent: running });
  await task.container.printed(/the agent runs/);
  const pid = await task.container.running();
  expect((await stat(`/proc/${pid}/environ`)).uid).toBe(0);
  await task.pod.touch('end');
  expect((await task.finish()).status).toBe(0);
});

test('an orchestrator that crashes leaves no core dump', async () => {
  const pattern = await readFile('/proc/sys/kernel/core_pattern', 'utf8');
  const cores = join(folder.path, 'cores');
  await mkdir(cores, { recursive: true });
  const docker = ['--init', '--ulimit=core=-1', `--volume=${cores}:/cores`, '--workdir=/cores'];
  await using task = await start({ docker, agent: running });
  await task.container.printed(/the agent runs/);
  const crash = (process: string) => task.container.exec('sh', '-c', `kill -ABRT ${process}`);
  await crash('$$');
  const before = await readdir(cores);
  // A dumpable process shows whether this machine writes dumps to the expected place.
  expect(before).toHaveLength(/^[|/]/.test(pattern) ? 0 : 1);
  await crash('$(pidof orchestrator)');
  expect((await task.finish()).status).toBe(134);
  expect(await readdir(cores)).toEqual(before);
});
