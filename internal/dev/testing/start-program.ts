import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { searchPath } from '../variables.ts';
import { endWithThisProcess } from './end-with-this-process.ts';
import { enterNamespaces, generations, type Namespaces } from './namespaces.ts';
import { Output, type Reader } from './output.ts';
import { childrenOf } from './proc.ts';
import { type ProcessEnd, RunningProgram } from './running-program.ts';
import { waitFor } from './wait-for.ts';

/** The surroundings of a program at its start. */
export interface Surroundings extends Partial<Namespaces> {
  /** Its environment, in addition to this process's PATH. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /**
   * A command that executes its arguments at its end. It comes before the command that makes the namespaces.
   */
  readonly outside?: readonly string[];
  /** The same within the namespaces. It comes before the program. */
  readonly through?: readonly string[];
  /** The reader of its output, through a pipe, or another descriptor to write to. */
  readonly stdout?: Reader | number;
  readonly stderr?: Reader | number;
  /** Its descriptors from 3 on. */
  readonly descriptors?: readonly (number | 'ignore')[];
}

/**
 * Starts a program in these surroundings. It does not outlive this process.
 *
 * @throws Error if the first of its command line cannot be executed
 */
export async function startProgram(
  commandLine: readonly string[],
  surroundings: Surroundings = {},
): Promise<RunningProgram> {
  const { life = 'ordinary', outside = [], through = [], stdout = 'reads', stderr = 'reads' } = surroundings;
  const namespaces = await enterNamespaces({ ...surroundings, life });
  const [file = '', ...parameters] = [...outside, ...namespaces, ...through, ...commandLine];
  const run = randomUUID();
  const startedMs = Number(process.hrtime.bigint()) / 1e6;
  const child = spawn(file, parameters, {
    cwd: surroundings.cwd,
    env: { PATH: searchPath, ...surroundings.env, STARTED_AS: run },
    stdio: ['ignore', ...[stdout, stderr].map(descriptorOf), ...(surroundings.descriptors ?? [])],
  });
  endWithThisProcess(child);
  const facts = {
    process: child,
    startedMs,
    marker: `STARTED_AS=${run}`,
    stdout: outputOf(child.stdout, stdout),
    stderr: outputOf(child.stderr, stderr),
    exited: exitOf(child),
  };
  await once(child, 'spawn');
  try {
    return new RunningProgram({ ...facts, lineage: await findLineage(child, generations[life]) });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function descriptorOf(output: Reader | number): number | 'pipe' {
  return typeof output === 'number' ? output : 'pipe';
}

function outputOf(stream: Readable | null, reader: Reader | number): Output {
  return new Output(stream ?? Readable.from([]), typeof reader === 'number' ? 'reads' : reader);
}

function exitOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => child.once('exit', (status, signal) => resolve({ status, signal })));
}

/** Each wrapper has one child, until the last one is the program. */
async function findLineage(child: ChildProcess, depth: number): Promise<number[]> {
  const lineage = [child.pid ?? 0];
  for (let parent = lineage[0]; lineage.length <= depth; parent = lineage.at(-1)) {
    const isOver = () => child.exitCode !== null || child.signalCode !== null;
    const look = () => childrenOf(parent ?? 0)[0] ?? (isOver() ? 'none' : undefined);
    const next = await waitFor(`a child of ${parent}`, look, { everyMs: 1 });
    if (next === 'none') break;
    lineage.push(next);
  }
  return lineage;
}
