import type { Environment } from '../internal/environment.ts';
import type { Listen } from '../internal/health/listener.ts';
import { HealthServer } from '../internal/health/server.ts';
import type { RootLogger } from '../internal/log/logger.ts';
import { signalName } from '../internal/signals.ts';
import { type Config, parseConfig } from './config.ts';
import { toFailure } from './failure-kinds.ts';
import { isSmall, type MemoryCgroup, readMemoryCgroup } from './memory/memory-cgroup.ts';
import { describeOomKills } from './memory/oom.ts';
import { openClient } from './open-client.ts';
import type { Processes } from './processes/processes.ts';
import { reportFailure } from './report.ts';
import { killLimitMs, Task, type TaskSettings } from './task.ts';
import { notStarted } from './termination.ts';

export interface RunTaskOptions {
  /** The configuration's JSON text. */
  readonly configText: string;
  readonly settings: TaskSettings;
  readonly healthCheckAddress: string;
  readonly listen: Listen;
  /** How many descriptors this process may have, of which health checks get a part. */
  readonly openFilesLimit: number;
  readonly build: { readonly version: string; readonly date: string };
  /** The container's own environment. */
  readonly environment: Environment;
  readonly processes: Processes;
  /** The container's, if it has one. */
  readonly memory: MemoryCgroup | undefined;
  readonly logger: RootLogger;
  /** Fails at once where the trust store is bound to be unreadable later. @throws Failure 'trust-store' */
  readonly checkTrustStore: () => void;
  readonly loadTrustStore: () => Promise<string[]>;
}

/** More than a few open at once are no probes. */
const highestConnections = 128;

/**
 * Runs a task from its configuration to its end, and tells the runner API if it failed.
 *
 * @returns what the process exits with
 * @throws Failure 'config'
 */
export async function runTask(options: RunTaskOptions): Promise<number> {
  const { environment, logger, processes, loadTrustStore } = options;
  const { version } = options.build;
  const config = parseConfig(options.configText);
  logger.addSecret(config.token);
  logger.info('starting orchestrator', { 'app.version': version, 'app.date': options.build.date });
  const crashed = uncaughtException(logger);
  try {
    await Promise.race([run(config, options), crashed]);
    logger.info('task ended well', { 'orphans.reaped': processes.orphansReaped });
    return 0;
  } catch (error) {
    const failure = toFailure(error);
    // What is handed back or reported as failed must not be running here any more.
    await processes.shutDown(killLimitMs);
    return reportFailure(failure, describeOomKills(options.memory, readMemoryCgroup()), {
      config,
      logger,
      openClient: () => openClient({ config, environment, version, loadTrustStore, logger }),
    });
  }
}

async function run(config: Config, options: RunTaskOptions): Promise<void> {
  const { build, environment, logger, processes, settings } = options;
  options.checkTrustStore();
  const listener = await options.listen(options.healthCheckAddress);
  // Before the health server has a turn of the event loop, which takes a while: the task may leave orphans at once.
  processes.startReaping();
  const health = new HealthServer({
    listener,
    component: { name: 'orchestrator', version: build.version },
    maxConnections: Math.min(highestConnections, Math.floor(options.openFilesLimit / 4)),
  });
  logger.info('server: new-server admin', { 'app.address': health.address });
  if (isSmall(options.memory?.limitBytes)) {
    // Else the task may use up the memory before the health server and the log have loaded what they need.
    await health.serving;
  }
  const termination = processes.pendingTermination();
  if (termination !== undefined) {
    throw notStarted(signalName(termination));
  }
  const task = new Task({ config, settings, environment, processes, health, logger });
  // The agent is started first, if it need not wait for anything: signals are held back until somebody listens.
  const ended = task.run();
  processes.listen(task.onSignal);
  await ended;
}

/** Rejects when an exception reaches nobody; the task is ended and reported then, like any other that failed. */
function uncaughtException(logger: RootLogger): Promise<never> {
  return new Promise((_resolve, reject) => {
    process.on('uncaughtException', (error: unknown) => {
      logger.error('an exception that nobody caught', {
        stack: error instanceof Error ? error.stack : error,
      });
      reject(error);
    });
  });
}
