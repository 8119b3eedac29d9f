import { execFile as execFileCallback } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Cgroup, pidsHierarchy } from '../../../internal/dev/testing/cgroup.ts';
import { scratchFolder } from '../../../internal/dev/testing/scratch-folder.ts';
import { untilTestEnds } from '../../../internal/dev/testing/until-test-ends.ts';
import type { Act } from './acts-of-ends.ts';
import { type SupervisedTask, type Supervisor, supervise } from './programs.ts';

const execFile = promisify(execFileCallback);

/** A child whose file cannot be executed. */
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

/** Sets a limit after the supervisor's start and before its child's, if there is a moment for it. */
async function limitLate(
  program: Supervisor,
  limit: (pid: number) => Promise<unknown>,
  task: SupervisedTask = {},
): Promise<string> {
  if (program !== 'orchestrator') return (await supervise(program, [], task)).end();
  const readiness_file_path = join(scratchFolder(), 'ready');
  const { run, end } = await supervise(program, [], { ...task, config: { readiness_file_path } });
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

/** A limit without room for one more process. */
export const refusesFork: Act = async (program) => {
  const cgroup = untilTestEnds(new Cgroup(pidsHierarchy));
  if (program !== 'orchestrator') {
    // A peer does not wait, so the limit of one process applies from its start.
    cgroup.write('pids.max', '1');
    return (await supervise(program, [], { life: 'ordinary', through: cgroup.enter })).end();
  }
  return limitLate(program, async (pid) => {
    cgroup.write('cgroup.procs', String(pid));
    cgroup.write('pids.max', '1');
  });
};

export const refusesDescriptors: Act = async (program) =>
  (await supervise(program, [], { through: ['prlimit', '--nofile=24:24'] })).end();
