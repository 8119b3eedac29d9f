import { execFile as execFileCallback } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { scratchFolder } from '../../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import type { Act } from './acts-of-ends.ts';
import { type Program, type SuperviseOptions, supervise } from './programs.ts';

const execFile = promisify(execFileCallback);

/** A child that cannot be executed for what it is. */
const refusesFile =
  (makeChild: () => Promise<string>): Act =>
  async (program) =>
    (await supervise(program, [], { child: await makeChild() })).end();

export const refusesMissing = refusesFile(async () => '/nonexistent/program');
export const refusesForbidden = refusesFile(() => makeFile('#!/bin/sh\n', 0o644));
export const refusesFormat = refusesFile(() => makeFile('exit 9\n', 0o755));

async function makeFile(content: string, mode: number): Promise<string> {
  const file = join(scratchFolder(), 'program');
  await writeFile(file, content);
  await chmod(file, mode);
  return file;
}

/** Lets a limit come between the supervisor's start and its child's, where there is a moment for it. */
async function limitLate(
  program: Program,
  limit: (pid: number) => Promise<unknown>,
  options: SuperviseOptions,
): Promise<string> {
  if (program !== 'orchestrator') return (await supervise(program, [], options)).end();
  const readiness_file_path = join(scratchFolder(), 'ready');
  const { run, end } = await supervise(program, [], { ...options, config: { readiness_file_path } });
  await run.healthUrl();
  await limit(run.pid);
  await writeFile(readiness_file_path, '');
  return end();
}

/** The kernel allows arguments and environment a quarter of the stack's limit: execve(2). */
export const refusesLongArguments: Act = (program) =>
  limitLate(program, (pid) => execFile('prlimit', [`--pid=${pid}`, '--stack=131072:']), {
    env: { BIG_1: 'x'.repeat(100_000), BIG_2: 'x'.repeat(100_000) },
  });

export const pidsHierarchy = '/sys/fs/cgroup/pids';

/** Of a limit that has no room for one process more. */
export const refusesFork: Act = async (program) => {
  const cgroup = join(pidsHierarchy, `conformance-${randomUUID()}`);
  await mkdir(cgroup);
  onTestFinished(async () => {
    const remove = () =>
      rmdir(cgroup).then(
        () => true,
        () => false,
      );
    await waitFor('an empty cgroup', remove);
  });
  const limit = async (pid: number) => {
    await writeFile(join(cgroup, 'cgroup.procs'), String(pid));
    await writeFile(join(cgroup, 'pids.max'), '1');
  };
  // A peer has no moment to wait at: it is alone in there from the start.
  await writeFile(join(cgroup, 'pids.max'), program === 'orchestrator' ? 'max' : '1');
  const through = ['sh', '-c', `echo $$ > ${cgroup}/cgroup.procs && exec "$@"`, 'sh'];
  return limitLate(program, limit, program === 'orchestrator' ? {} : { life: 'ordinary', through });
};

export const refusesDescriptors: Act = async (program) =>
  (await supervise(program, [], { through: ['prlimit', '--nofile=24:24'] })).end();
