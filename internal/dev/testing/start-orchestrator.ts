import { executable } from './executable.ts';
import type { RunningProgram } from './running-program.ts';
import { type Surroundings, startProgram } from './start-program.ts';
import type { ConfigFields } from './task-config.ts';

export interface OrchestratorSurroundings extends Surroundings {
  /** The default is the built executable. */
  readonly program?: string;
  /** A command that takes a configuration. The default is run-task. */
  readonly command?: string;
  /** Flags of the command. */
  readonly flags?: readonly string[];
}

/**
 * Starts the orchestrator to run a task. Its health server listens on its own port, unless the flags say otherwise.
 *
 * @param config the fields of the configuration, or its whole text
 */
export function startOrchestrator(
  config: ConfigFields | string,
  { program = executable, command = 'run-task', flags = [], ...surroundings }: OrchestratorSurroundings = {},
): Promise<RunningProgram> {
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  const env = { CIRCLECI_GOAT_CONFIG: text, ...surroundings.env };
  return startProgram([program, command, '--health-check-addr=:0', ...flags], { ...surroundings, env });
}
