import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Failure } from '../../internal/failure.ts';
import type { RootLogger } from '../../internal/log/logger.ts';
import { signalName, terminationSignals } from '../../internal/signals.ts';
import { type Config, parseConfig } from '../config.ts';
import { toFailure } from '../failure-kinds.ts';
import { openClient } from '../open-client.ts';
import type { Processes } from '../processes/processes.ts';
import { reportFailure } from '../report.ts';
import { notStarted } from '../termination.ts';
import { becomeEntrypoint, type Override } from './override.ts';

export interface RunOverrideOptions extends Override {
  /** The configuration's JSON text, needed only to report a failure. */
  readonly configText: string;
  readonly version: string;
  readonly processes: Pick<Processes, 'listen'>;
  readonly logger: RootLogger;
  readonly loadTrustStore: () => Promise<string[]>;
}

/**
 * Becomes the custom entrypoint, or tells the runner API why not.
 *
 * @returns what the process exits with, if there is still this process
 * @throws Failure 'config' when there is a failure to report and no way to
 */
export async function runOverride(options: RunOverrideOptions): Promise<number> {
  const { configText, environment, logger, version, loadTrustStore } = options;
  try {
    await refuseIfTerminated(options.processes);
    becomeEntrypoint(options);
  } catch (error) {
    const failure = toFailure(error);
    const config = configForReport(configText, failure, logger);
    return reportFailure(failure, '', {
      config,
      logger,
      openClient: () => openClient({ config, environment, version, loadTrustStore, logger }),
    });
  }
}

function configForReport(configText: string, failure: Failure, logger: RootLogger): Config {
  try {
    const config = parseConfig(configText);
    logger.addSecret(config.token);
    return config;
  } catch (error) {
    logger.error('task failed', { ...failure.logFields, reason: failure.message });
    throw error;
  }
}

/** A signal that came while this program started would be lost with it, and the new one would run on unaware. */
async function refuseIfTerminated(processes: Pick<Processes, 'listen'>): Promise<void> {
  let termination: number | undefined;
  processes.listen((signal) => {
    if (terminationSignals.has(signal)) {
      termination = signal;
    }
  });
  await nextTurn();
  if (termination !== undefined) {
    throw notStarted(signalName(termination));
  }
}
