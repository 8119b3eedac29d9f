import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { hostArchitecture } from '../../packer/architecture.ts';
import { compilerFor } from '../../packer/compile.ts';
import { repository } from '../../packer/repository.ts';
import type { RunningProgram } from '../testing/running-program.ts';
import { startOrchestrator } from '../testing/start-orchestrator.ts';
import { type Surroundings, startProgram } from '../testing/start-program.ts';
import { type ConfigFields, taskConfig } from '../testing/task-config.ts';

/** probe.c and load.c, compiled. */
export const probeFile = join(repository, 'target', 'bench', 'probe');
export const loadFile = join(repository, 'target', 'bench', 'load');

/** @throws Error with the compiler's messages */
export async function buildProbes(): Promise<void> {
  const options = ['-O2', '-Wall', '-Wextra', '-Werror', '-static', '-s'];
  for (const [source, output] of Object.entries({ 'probe.c': probeFile, 'load.c': loadFile })) {
    await mkdir(dirname(output), { recursive: true });
    const file = join(import.meta.dirname, source);
    await promisify(execFile)(compilerFor(hostArchitecture()), [...options, file, '-o', output]);
  }
}

/** The programs that are compared. */
export type Subject = 'orchestrator' | 'tini' | 'dumb-init' | 'catatonit' | 'node';

/** An instruction to the probe. */
export interface ProbeVerb {
  readonly verb: string;
  readonly number?: number;
}

export interface ProbeSurroundings extends Surroundings {
  /** Fields of the orchestrator's configuration. */
  readonly config?: ConfigFields;
}

/** Starts the probe under a program. If the program is Node, Node itself acts as the probe. */
export function startProbe(
  subject: Subject,
  { verb, number = 0 }: ProbeVerb,
  { config = {}, ...surroundings }: ProbeSurroundings = {},
): Promise<RunningProgram> {
  const command = [probeFile, verb, String(number)];
  switch (subject) {
    case 'orchestrator':
      return startOrchestrator(taskConfig({ task_agent_path: command.join(' '), ...config }), surroundings);
    case 'tini':
      return startProgram(['tini', '-s', '--', ...command], surroundings);
    case 'node': {
      const script = verb === 'rest' ? `console.log('ready=0');setTimeout(()=>{},${number}e3)` : '0';
      return startProgram([process.execPath, '-e', script], surroundings);
    }
    default:
      return startProgram([subject, '--', ...command], surroundings);
  }
}

/** The n-th value that the probe prints under a name. @throws Error if it ends before */
export async function said({ stdout }: RunningProgram, name: string, n = 1): Promise<number> {
  const [, value] = await stdout.matched(new RegExp(`(?:^${name}=(\\d+)$[^]*?){${n}}`, 'm'));
  return Number(value);
}

/** process.hrtime() in ms. The probe uses the same clock. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Waits for the end of a program. @returns when it was, by nowMs() */
export async function timeOfEnd(run: RunningProgram): Promise<number> {
  return run.exited.then(nowMs);
}
