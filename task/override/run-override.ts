import type { Environment } from '../../internal/environment.ts';
import type { Handoff } from '../../internal/launcher/handoff.ts';
import type { Logger } from '../../internal/log/logger.ts';
import type { SecretMask } from '../../internal/secrets/secret-mask.ts';
import type { Processes } from '../processes/processes.ts';

/** The program to execute in place of this one. */
export interface Override {
  /** The custom entrypoint and its own arguments. */
  readonly entrypoint: readonly string[];
  /** The command that the entrypoint has to run: this program, `run-task`, and its flags. */
  readonly command: readonly string[];
  /** The container's own. */
  readonly environment: Environment;
  readonly handoff: Handoff;
}

/** What is needed to report a failure of the override. */
export interface OverrideReport {
  /** The configuration's JSON text. */
  readonly configText: string;
  readonly logger: Logger;
  /** Gets the task's token. */
  readonly mask: SecretMask;
}

/** What it needs of the processes: whether a termination signal has already come, and the measures of the log. */
export type OverrideProcesses = Pick<Processes, 'listen' | 'orphansReaped' | 'pendingTermination'>;

/**
 * Becomes the custom entrypoint, or reports the failure to the runner API.
 *
 * @returns the exit status, if this program could not become the entrypoint
 * @throws Failure 'config' if a failure cannot be reported, 'usage' if the platform does not support this
 */
export type RunOverride = (
  override: Override,
  report: OverrideReport,
  processes: OverrideProcesses,
) => Promise<number>;
