import { limitOpenFiles, replaceProcess } from '../../internal/syscall/linux/process.ts';
import { SystemError } from '../../internal/syscall/system-error.ts';
import { findProgram } from '../processes/find-program.linux.ts';
import { StartError, startFailure } from '../processes/processes.ts';
import { describeExec } from '../processes/start-failure.linux.ts';
import type { Override } from './run-override.ts';

/**
 * Executes the custom entrypoint in this process, with the command appended to its arguments. PID and
 * environment stay the same.
 *
 * @throws Failure 'entrypoint-start' if it cannot be executed. Otherwise this does not return
 */
export function becomeEntrypoint(override: Override): never {
  try {
    execute(override);
  } catch (error) {
    throw startFailure('entrypoint-start', withCommaHint(error, override.entrypoint));
  }
}

/** People who are used to Dockerfiles or shells write `["tini","-g"]` or `tini -g`. */
function withCommaHint(error: unknown, [name = '']: readonly string[]): unknown {
  if (!(error instanceof StartError) || !/^\[|\s/.test(name)) return error;
  const hint = 'The parts of --entrypoint are separated by commas alone, as in tini,-g,--.';
  return new StartError(`${error.message} ${hint}`, { cause: error });
}

function execute({ entrypoint, command, environment, handoff }: Override): never {
  const [name = ''] = entrypoint;
  const path = findProgram(name, environment);
  const argv = [...entrypoint, ...command].map((argument) => Buffer.from(argument));
  if (handoff.openFiles !== undefined) {
    limitOpenFiles(handoff.openFiles.soft, handoff.openFiles.hard);
  }
  try {
    replaceProcess(path, argv, environment.entries, handoff.ignoredSignals);
  } catch (error) {
    throw error instanceof SystemError
      ? new StartError(describeExec(path, error.errno), { cause: error })
      : error;
  }
}
