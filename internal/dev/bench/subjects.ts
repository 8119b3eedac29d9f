import { execFile, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { hostArchitecture } from '../../packer/architecture.ts';
import { compilerFor } from '../../packer/compile.ts';
import { repository } from '../../packer/repository.ts';
import { executable } from '../testing/executable.ts';

export const probe = join(repository, 'target', 'bench', 'probe');
export const load = join(repository, 'target', 'bench', 'load');

/** Nothing that is measured takes longer, ms. */
const limitMs = 60_000;

/** Compiles probe.c and load.c to target/bench. @throws Error with the compiler's messages */
export async function buildProbes(): Promise<void> {
  const options = ['-O2', '-Wall', '-Wextra', '-Werror', '-static', '-s'];
  const compile = promisify(execFile);
  for (const output of [probe, load]) {
    await mkdir(dirname(output), { recursive: true });
    const source = join(import.meta.dirname, `${basename(output)}.c`);
    await compile(compilerFor(hostArchitecture()), [...options, source, '-o', output]);
  }
}

export type Subject = 'orchestrator' | 'tini' | 'dumb-init' | 'catatonit' | 'node';

/** A command that runs the probe under a program. */
export function commandFor(subject: Subject, verb: string, number = 0): string[] {
  switch (subject) {
    case 'orchestrator':
      return [executable, 'run-task'];
    case 'tini':
      return ['tini', '-s', '--', probe, verb, String(number)];
    case 'node':
      return [
        process.execPath,
        '-e',
        verb === 'rest' ? `console.log('ready=0');setTimeout(()=>{},${number}e3)` : '0',
      ];
    default:
      return [subject, '--', probe, verb, String(number)];
  }
}

export interface Started {
  readonly pid: number;
  /** process.hrtime() just before it was started, ms. */
  readonly startedMs: number;
  /** Resolves with a value that the probe has said. @throws Error if the process ends before */
  said(name: string): Promise<number>;
  /** Resolves with the orchestrator's port for health checks, once it listens. @throws Error as above */
  healthPort(): Promise<number>;
  /** Resolves with process.hrtime() when it has ended, ms. */
  readonly ended: Promise<number>;
}

export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export interface StartedIn {
  /** A command that becomes the one it is given. */
  readonly wrapper?: readonly string[] | undefined;
  readonly variables?: Readonly<Record<string, string>>;
  /** Fields of the orchestrator's configuration. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Starts a probe under a program. */
export function start(
  subject: Subject,
  verb: string,
  number = 0,
  { wrapper = [], variables = {}, config = {} }: StartedIn = {},
): Started {
  const [file = '', ...parameters] = [...wrapper, ...commandFor(subject, verb, number)];
  const startedMs = nowMs();
  const child = spawn(file, parameters, {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: limitMs,
    env: { PATH: process.env.PATH, ...taskVariables(verb, number, config), ...variables },
  });
  let output = '';
  const changed: (() => void)[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    for (const resolve of changed.splice(0)) resolve();
  });
  let over = false;
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve(nowMs()));
  });
  child.once('close', () => {
    over = true;
    for (const resolve of changed.splice(0)) resolve();
  });
  async function matched(pattern: RegExp): Promise<number> {
    for (;;) {
      const match = pattern.exec(output);
      if (match !== null) {
        output = output.replace(match[0], '');
        return Number(match[1]);
      }
      if (over) throw new Error(`${subject} ${verb} ended without ${pattern}: ${output}`);
      await new Promise<void>((resolve) => changed.push(resolve));
    }
  }
  return {
    pid: child.pid ?? -1,
    startedMs,
    said: (name) => matched(new RegExp(`^${name}=(\\d+)$`, 'm')),
    healthPort: () => matched(/ app\.address=\S+:(\d+)$/m),
    ended,
  };
}

export function taskVariables(verb: string, number: number, config = {}): Record<string, string> {
  const task = { token: 'bench', task_agent_path: `${probe} ${verb} ${number}`, ...config };
  return { CIRCLECI_GOAT_HEALTH_CHECK_ADDR: ':0', CIRCLECI_GOAT_CONFIG: JSON.stringify(task) };
}
