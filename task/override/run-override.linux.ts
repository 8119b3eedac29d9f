import { Failure } from '../../internal/failure.ts';
import type { Logger } from '../../internal/log/logger.ts';
import { signalName } from '../../internal/signals.ts';
import { writeUntold } from '../../internal/termination-log.ts';
import { type Config, parseConfig } from '../config.ts';
import { toFailure } from '../failure-kinds.ts';
import { openClient } from '../open-client.ts';
import { reportFailure } from '../report.ts';
import { notStarted } from '../termination.ts';
import { Timeline } from '../timeline.ts';
import { becomeEntrypoint } from './become-entrypoint.linux.ts';
import type { Override, OverrideProcesses, OverrideReport, RunOverride } from './run-override.ts';

/** The time for the line that announces the entrypoint, if its reader is slow, ms. */
const announceLimitMs = 500;

/** The termination log while the entrypoint runs, until it runs the orchestrator. */
const messageIfNotRun =
  'The custom entrypoint ended without running the orchestrator, or before the task had started. It has to execute the ' +
  'command in its last arguments, as exec "$@" does.';

export const runOverride: RunOverride = async (override, report, processes) => {
  const config = readConfig(report);
  try {
    await announce(override, report.logger);
    writeUntold(messageIfNotRun);
    refuseIfTerminated(processes);
    becomeEntrypoint(override);
  } catch (error) {
    const failure = toFailure(error);
    const { environment } = override;
    const { logger } = report;
    if (config instanceof Failure) {
      logger.error('task failed', { ...failure.logFields, reason: failure.message });
      throw config;
    }
    return reportFailure(failure, '', {
      config,
      logger,
      measures: () => ({ ...new Timeline().fields, 'orphans.reaped': processes.orphansReaped }),
      openClient: () => openClient({ config, environment, logger }),
    });
  }
};

/** Nothing can be logged once this process is another program. */
async function announce({ entrypoint }: Override, logger: Logger): Promise<void> {
  logger.info('becoming the custom entrypoint', { entrypoint: entrypoint.join(' ') });
  await logger.flush(announceLimitMs);
}

/**
 * Masks the token, which an entrypoint may name. A configuration that cannot be used only matters here if there is a
 * failure to report: otherwise `run-task` reports it.
 */
function readConfig({ configText, mask }: OverrideReport): Config | Failure {
  try {
    const config = parseConfig(configText);
    mask.add(config.token);
    return config;
  } catch (error) {
    return toFailure(error);
  }
}

/**
 * A signal that came during this program's start would be lost with this program. The entrypoint would not get it. So
 * signals are held back until the last moment, where one call shows them.
 */
function refuseIfTerminated(processes: OverrideProcesses): void {
  const termination = processes.pendingTermination();
  // Others are dropped. If the entrypoint cannot be executed, no signal may end this process before its report.
  processes.listen(() => {});
  if (termination !== undefined) throw notStarted(signalName(termination));
}
