import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { buildFakeAgent } from '../../../internal/dev/testing/build-fake-agent.ts';
import type { RunningProgram } from '../../../internal/dev/testing/running-program.ts';
import { startProgram } from '../../../internal/dev/testing/start-program.ts';
import { untilTestEnds } from '../../../internal/dev/testing/until-test-ends.ts';
import { searchPath } from '../../../internal/dev/variables.ts';
import { finish, startTask, type TaskToRun } from '../start-task.ts';

/** The programs that are compared. The orchestrator runs the child as its agent. */
export const programs = ['orchestrator', 'tini', 'tini -g', 'dumb-init', 'catatonit'] as const;
export type Supervisor = (typeof programs)[number];

/** The file of a peer, or undefined if it is not installed. */
export function pathOf(program: Supervisor): string | undefined {
  const [name = ''] = program.split(' ');
  const files = searchPath.split(':').map((directory) => join(directory, name));
  return files.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Supervised {
  /** The supervisor. */
  readonly run: RunningProgram;
  /**
   * The report of the child's end: `exit 3`, `signal SIGKILL`, `refused ENOENT`. Peers can only report it by
   * their own exit status: `status 3`.
   */
  end(): Promise<string>;
}

export interface SupervisedTask extends Omit<TaskToRun, 'agent' | 'entrypoint'> {
  /** The program to run instead of the fake agent. */
  readonly child?: string;
}

/** Runs the fake agent with this script under a program. By default the program is PID 1. */
export async function supervise(
  program: Supervisor,
  script: readonly string[],
  { child, config: fields, ...surroundings }: SupervisedTask = {},
): Promise<Supervised> {
  const path = child ?? (await buildFakeAgent());
  if (program === 'orchestrator') {
    const config = { task_agent_path: [path, ...script].join(' '), ...fields };
    const flags = ['--termination-grace-period=10m'];
    const task = await startTask({ life: 'pid 1', flags, ...surroundings, config });
    return {
      run: task.run,
      end: async () => {
        const { calls, status, message, stdout } = await finish(task);
        return calls.length === 0 ? `exit ${status}` : describeFailure(`${message}\n${stdout}`);
      },
    };
  }
  const [, ...flags] = program.split(' ');
  const commandLine = [pathOf(program) ?? '', ...flags, '--', path, ...script];
  const run = untilTestEnds(await startProgram(commandLine, { life: 'pid 1', ...surroundings }));
  return {
    run,
    end: async () => {
      const { status, signal } = await run.ended;
      return signal === null ? `status ${status}` : `died of ${signal}`;
    },
  };
}

function describeFailure(text: string): string {
  const [, exit] = /failed: exit status (\d+)\b/.exec(text) ?? [];
  if (exit !== undefined) return `exit ${exit}`;
  const [, signal] = /failed: killed by (\S+?)[. ]/.exec(text) ?? [];
  if (signal !== undefined) return `signal ${signal}`;
  const [, errno] = /could not be started: .*\b(E[A-Z0-9]+)\b/.exec(text) ?? [];
  return errno === undefined ? text : `refused ${errno}`;
}
