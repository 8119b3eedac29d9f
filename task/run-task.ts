import { listen } from '#platform/internal/health/listener';
import { checkTrustStore } from '#platform/internal/trust-store/check-trust-store';
import { readContainerMemory } from '#platform/task/memory/container-memory';
import { atMost } from '../internal/delay.ts';
import { connectionLimits } from '../internal/health/connections.ts';
import type { Readiness } from '../internal/health/responses.ts';
import { HealthServer } from '../internal/health/server.ts';
import type { Handoff } from '../internal/launcher/handoff.ts';
import type { Logger } from '../internal/log/logger.ts';
import type { SecretMask } from '../internal/secrets/secret-mask.ts';
import { signalName } from '../internal/signals.ts';
import { writeTerminationLog, writeUntold } from '../internal/termination-log.ts';
import { date, version } from '../internal/version.ts';
import { type Config, parseConfig, taskNames } from './config.ts';
import { toFailure } from './failure-kinds.ts';
import { type ContainerMemory, isSmall } from './memory/container-memory.ts';
import { describeOomKills } from './memory/oom.ts';
import { openClient } from './open-client.ts';
import type { Processes } from './processes/processes.ts';
import { reportFailure } from './report.ts';
import { Task, type TaskSettings } from './task.ts';
import { killLimitMs, notStarted } from './termination.ts';
import { Timeline } from './timeline.ts';

/**
 * The termination log while a task runs. It is only seen if SIGKILL ends this process, because then nothing replaces
 * it. With cgroup v2, kubelets from 1.28 on let the OOM killer take the whole container: memory.oom.group. Few
 * containers can avoid that ({@link Processes.avoidOomKiller}).
 */
const messageIfKilled =
  'The orchestrator was killed while the task was running. Most likely the container ran out of memory, or the grace ' +
  'period of the Pod was over. Look at the exit status and the reason of this container, and at the events of the Pod.';

/** The longest wait of a task's end for the check of its settings, ms: a file may be on a volume that hangs. */
const checkLimitMs = 500;

/** The task to run. */
export interface TaskOrder {
  /** The configuration's JSON text. */
  readonly configText: string;
  readonly settings: TaskSettings;
  readonly healthCheckAddress: string;
  /** The orchestrator's own variables, to find misspelt ones. */
  readonly knownVariables: readonly string[];
}

/** Everything that is needed to run and watch a task. */
export interface Supervision {
  readonly handoff: Handoff;
  readonly processes: Processes;
  /** The container's memory before the task starts. */
  readonly memory: ContainerMemory | undefined;
  readonly logger: Logger;
  /** Gets the task's token. */
  readonly mask: SecretMask;
}

/**
 * Runs a task from its configuration to its end, and tells the runner API if it failed.
 *
 * @returns the exit status
 * @throws Failure 'config'
 */
export async function runTask(order: TaskOrder, supervision: Supervision): Promise<number> {
  const { handoff, logger, memory, processes } = supervision;
  const { environment } = handoff;
  const config = parseConfig(order.configText);
  supervision.mask.add(config.token);
  logger.info('starting orchestrator', { 'app.version': version, 'app.date': date, ...taskNames(config) });
  const crashed = uncaughtException(logger);
  const timeline = new Timeline();
  const measures = () => ({ ...timeline.fields, 'orphans.reaped': processes.orphansReaped });
  try {
    await Promise.race([run(config, order, supervision, timeline), crashed]);
    writeTerminationLog('');
    logger.info('task ended well', { ...taskNames(config), ...measures() });
    return 0;
  } catch (error) {
    const failure = toFailure(error);
    // A task that is handed back or reported must not still run here.
    await processes.shutDown(killLimitMs);
    logger.shareOutput(false);
    return reportFailure(failure, describeOomKills(memory, readContainerMemory()), {
      config,
      logger,
      measures,
      openClient: () => openClient({ config, environment, logger }),
    });
  }
}

async function run(
  config: Config,
  order: TaskOrder,
  supervision: Supervision,
  timeline: Timeline,
): Promise<void> {
  const { handoff, logger, memory, processes } = supervision;
  const { environment } = handoff;
  checkTrustStore(environment);
  const listener = await listen(order.healthCheckAddress);
  // This comes before the health server's turn of the event loop, which takes a while. The task may leave
  // orphans at once.
  processes.startReaping();
  let readiness: Readiness = { ready: false, failures: { orchestrator: 'not ready' } };
  const component = { name: 'orchestrator', version };
  const health = new HealthServer(
    listener,
    { component, readiness: () => readiness },
    connectionLimits(handoff.openFiles?.hard),
  );
  logger.info('server: new-server admin', { 'app.address': health.address });
  let checked = isSmall(memory?.limitBytes) ? checkSettings(config, order, supervision) : undefined;
  if (checked !== undefined) {
    // Otherwise the task may use up the memory before all of this has loaded its modules.
    await health.serving;
    await atMost(checkLimitMs, checked);
  }
  const termination = processes.pendingTermination();
  if (termination !== undefined) throw notStarted(signalName(termination));
  const { settings } = order;
  const onReady = () => {
    readiness = { ready: true, failures: {} };
  };
  const task = new Task({ config, settings, environment, processes, onReady, logger, timeline });
  // A task may use up the memory at once, and the kernel may then kill this process, too.
  writeUntold(messageIfKilled);
  // The agent starts first, unless it has to wait. Signals are held back until the orchestrator listens.
  const ended = task.run();
  processes.listen(task.onSignal);
  processes.avoidOomKiller();
  checked ??= new Promise(setImmediate).then(() => checkSettings(config, order, supervision));
  await ended;
  await atMost(checkLimitMs, checked);
}

/** Runs after the agent's start, because that must not wait for this. */
async function checkSettings(config: Config, order: TaskOrder, supervision: Supervision): Promise<void> {
  const { logger, handoff } = supervision;
  try {
    const { warnOfSettings } = await import('./warn-of-settings.ts');
    const { configText, knownVariables } = order;
    const fieldNames = Object.keys(JSON.parse(configText));
    await warnOfSettings({ config, fieldNames, environment: handoff.environment, knownVariables }, logger);
  } catch (error) {
    logger.warn('the settings could not be checked', { error });
  }
}

/** Rejects on an uncaught exception. Then the task is ended and reported like any failed task. */
function uncaughtException(logger: Logger): Promise<never> {
  return new Promise((_resolve, reject) => {
    process.on('uncaughtException', (error: unknown) => {
      logger.error('an exception that nobody caught', {
        stack: error instanceof Error ? error.stack : error,
      });
      reject(error);
    });
  });
}
