import type { Environment } from '../../internal/environment.ts';
import type { Handoff } from '../../internal/launcher/handoff.ts';
import type { Logger } from '../../internal/log/logger.ts';
import type { SecretMask } from '../../internal/secrets/secret-mask.ts';
import type { Processes } from '../processes/processes.ts';

/** What is executed in place of this program. */
export interface Override {
  /** The custom entrypoint and its own arguments. */
  readonly entrypoint: readonly string[];
  /** The command that the entrypoint is to run: this program, `run-task`, and its flags. */
  readonly command: readonly string[];
  /** The container's own. */
  readonly environment: Environment;
  readonly handoff: Handoff;
}

/** What it takes to report that the override failed. */
export interface OverrideReport {
  /** The configuration's JSON text. */
  readonly configText: string;
  readonly logger: Logger;
  /** Gets the task's token. */
  readonly mask: SecretMask;
}

/**
 * Becomes the custom entrypoint, or tells the runner API why not.
 *
 * @param processes tells of a termination that came already
 * @returns what the process exits with, if there is still this process
 * @throws Failure 'config' when there is a failure to report and no way to; 'usage' where no process can do that
 */
export type RunOverride = (
  override: Override,
  report: OverrideReport,
  processes: Pick<Processes, 'listen'>,
) => Promise<number>;
