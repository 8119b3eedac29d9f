import { Failure } from '../../internal/failure.ts';
import type { Environment } from '../../internal/launcher/environment.ts';
import type { Handoff } from '../../internal/launcher/handoff.ts';
import { limitOpenFiles, replaceProcess } from '../../internal/syscall/linux/process.ts';
import { SystemError } from '../../internal/syscall/system-error.ts';
import { findProgram } from '../cmd/find-program.ts';
import { describeExec } from '../cmd/start-failure.ts';

export interface Override {
  /** The custom entrypoint and its own arguments. */
  readonly entrypoint: readonly string[];
  /** The command that the entrypoint is to run: this program, `run-task`, and its flags. */
  readonly command: readonly string[];
  readonly environment: Environment;
  readonly handoff: Handoff;
}

/**
 * Becomes the custom entrypoint, with the command appended to its arguments: same PID, same environment.
 *
 * @throws Failure 'entrypoint-start' when it cannot be executed; else this does not return
 */
export function becomeEntrypoint({ entrypoint, command, environment, handoff }: Override): never {
  const [name = ''] = entrypoint;
  const path = findProgram(name, environment.get('PATH'));
  if (path === undefined) {
    throw cannotStart(`${JSON.stringify(name)} is not an executable file in any directory of PATH.`);
  }
  const argv = [...entrypoint, ...command].map((argument) => Buffer.from(argument));
  try {
    if (handoff.openFiles !== undefined) {
      limitOpenFiles(handoff.openFiles.soft, handoff.openFiles.hard);
    }
    replaceProcess(path, argv, environment.entries, handoff.ignoredSignals);
  } catch (error) {
    const reason = error instanceof SystemError ? describeExec(path, error.errno) : String(error);
    throw cannotStart(reason, error);
  }
}

function cannotStart(reason: string, cause?: unknown): Failure {
  return new Failure('entrypoint-start', `The custom entrypoint could not be started: ${reason}`, { cause });
}
