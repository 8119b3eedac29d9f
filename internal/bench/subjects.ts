import { execFile, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { hostArchitecture } from '../launcher/architecture.ts';
import { compilerFor } from '../launcher/compile.ts';

const root = join(import.meta.dirname, '..', '..');
export const orchestrator =
  process.env.ORCHESTRATOR ?? join(root, 'target', 'bin', 'linux', hostArchitecture(), 'orchestrator');
export const probe = join(root, 'target', 'bench', 'probe');

/** Nothing that is measured takes longer, ms. */
const limitMs = 60_000;

/** Compiles probe.c to target/bench/probe. @throws Error with the compiler's messages */
export async function buildProbe(): Promise<void> {
  await mkdir(dirname(probe), { recursive: true });
  const options = ['-O2', '-Wall', '-Wextra', '-Werror', '-static', '-s'];
  const compile = promisify(execFile);
  await compile(compilerFor(hostArchitecture()), [
    ...options,
    join(import.meta.dirname, 'probe.c'),
    '-o',
    probe,
  ]);
}

export type Subject = 'orchestrator' | 'tini' | 'dumb-init' | 'catatonit' | 'node';

/** A command that runs the probe under a program. */
export function commandFor(subject: Subject, verb: string, number = 0): string[] {
  switch (subject) {
    case 'orchestrator':
      return [orchestrator, 'run-task'];
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
  /** Resolves with process.hrtime() when it has ended, ms. */
  readonly ended: Promise<number>;
}

export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Starts a probe under a program. */
export function start(subject: Subject, verb: string, number = 0): Started {
  const [file = '', ...parameters] = commandFor(subject, verb, number);
  const startedMs = nowMs();
  const child = spawn(file, parameters, {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: limitMs,
    env: { PATH: process.env.PATH, ...taskVariables(verb, number) },
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
  async function said(name: string): Promise<number> {
    for (;;) {
      const match = new RegExp(`^${name}=(\\d+)$`, 'm').exec(output);
      if (match !== null) {
        output = output.replace(match[0], '');
        return Number(match[1]);
      }
      if (over) throw new Error(`${subject} ${verb} ended without ${name}: ${output}`);
      await new Promise<void>((resolve) => changed.push(resolve));
    }
  }
  return { pid: child.pid ?? -1, startedMs, said, ended };
}

export function taskVariables(verb: string, number: number): Record<string, string> {
  return {
    CIRCLECI_GOAT_HEALTH_CHECK_ADDR: ':0',
    CIRCLECI_GOAT_CONFIG: JSON.stringify({ token: 'bench', task_agent_path: `${probe} ${verb} ${number}` }),
  };
}
