import { constants } from 'node:os';
import { type ChildEnd, describeEnd, endFields } from '../internal/child-end.ts';
import { formatGoDurationMs } from '../internal/duration.ts';
import type { Environment } from '../internal/environment.ts';
import { Failure } from '../internal/failure.ts';
import type { Logger } from '../internal/log/logger.ts';
import { terminationSignals } from '../internal/signals.ts';
import { agentCommand, agentEnvironment, ownVariablesPrefix } from './agent.ts';
import type { Config } from './config.ts';
import { taskKinds } from './failure-kinds.ts';
import {
  type Child,
  type ChildSpec,
  type Processes,
  StartError,
  startFailure,
} from './processes/processes.ts';
import { waitForReadinessFile } from './readiness-file.ts';
import {
  killLimitMs,
  notStarted,
  Termination,
  type TerminationPeriods,
  terminateLimitMs,
} from './termination.ts';
import type { Timeline } from './timeline.ts';

const { SIGKILL, SIGTERM } = constants.signals;

/** The time for the rest of the agent's stderr after the last writer has gone, ms. */
const drainLimitMs = 1000;

/** The lines about processes of a task that could not be killed. */
const leftBehind = {
  forbidden:
    'a process of the task belongs to another user, so it may not be killed, and is left behind until the container ends',
  unkillable: 'a process of the task could not be killed and is left behind',
} as const;

/** The time limits of a task, ms. */
export interface TaskSettings extends TerminationPeriods {
  readonly readinessTimeoutMs: number;
}

/** A task, and its surroundings in the container. */
export interface TaskSurroundings {
  readonly config: Config;
  readonly settings: TaskSettings;
  /** The container's environment. The children get their part of it. */
  readonly environment: Environment;
  readonly processes: Processes;
  /** Is called when the container is ready, for the probes. */
  readonly onReady: () => void;
  readonly logger: Logger;
  /** Gets the points in time of the task's life. */
  readonly timeline: Timeline;
}

/** The life of one task, from the custom entrypoint's start to the last process's end. */
export class Task {
  readonly #surroundings: TaskSurroundings;
  readonly #termination: Termination;
  #entrypoint: Child | undefined;
  #agent: Child | undefined;

  constructor(surroundings: TaskSurroundings) {
    this.#surroundings = surroundings;
    this.#termination = new Termination(surroundings.logger);
  }

  /**
   * Passes a signal on to the children. A termination signal does not reach the agent before the end of the
   * grace period.
   */
  readonly onSignal = (signal: number): void => {
    this.#entrypoint?.signal(signal);
    if (terminationSignals.has(signal)) {
      this.#termination.request(signal);
    } else {
      this.#agent?.signal(signal);
    }
  };

  /**
   * Resolves when the task has ended well and no process of it is left.
   *
   * @throws Failure
   */
  async run(): Promise<void> {
    const { config, settings, logger, onReady } = this.#surroundings;
    if (config.cmd.length > 0) {
      await this.#startEntrypoint();
    }
    onReady();
    if (config.readiness_file_path !== '') {
      const file = { path: config.readiness_file_path, limitMs: settings.readinessTimeoutMs };
      await waitForReadinessFile(file, this.#termination, logger);
    }
    if (this.#termination.signal !== undefined) throw notStarted(this.#termination.signal);
    const agent = await this.#startAgent();
    await this.#supervise(agent);
  }

  async #startEntrypoint(): Promise<void> {
    const { config, environment, logger, processes } = this.#surroundings;
    const spec = {
      argv: config.cmd,
      environment: environment.without(ownVariablesPrefix),
    };
    try {
      this.#entrypoint = processes.start(spec);
      logger.shareOutput(true);
      await this.#entrypoint.started;
    } catch (error) {
      throw startFailure('entrypoint-start', error);
    }
    const { pid, ended } = this.#entrypoint;
    logger.info('custom entrypoint started', { 'child.pid': pid });
    void ended.then((end) =>
      logger.info('custom entrypoint ended', { 'child.pid': pid, ...endFields(end), end: describeEnd(end) }),
    );
  }

  async #startAgent(): Promise<Child> {
    const { config, environment, logger, processes, timeline } = this.#surroundings;
    if (config.task_agent_path.trim() === '')
      throw startFailure('agent-start', new StartError('"task_agent_path" is empty.'));
    const user = processes.findUser(config.user);
    const spec: ChildSpec = {
      argv: agentCommand(config),
      environment: agentEnvironment(environment, config, user, processes),
      user,
      stdin: config.token,
    };
    try {
      this.#agent = processes.start(spec);
      logger.shareOutput(true);
      await this.#agent.started;
    } catch (error) {
      throw startFailure('agent-start', withPathHint(error, config));
    }
    timeline.agentStarted();
    logger.info('task agent started', { 'child.pid': this.#agent.pid });
    if (this.#agent.isOutOfReach()) {
      logger.warn(
        'no signal can reach the task agent: it runs as another user, and the container lacks the capability KILL',
      );
    }
    return this.#agent;
  }

  async #supervise(agent: Child): Promise<void> {
    const { processes, logger, timeline } = this.#surroundings;
    const outcome = await this.#endOrInterruption(agent);
    const left = await processes.shutDown(killLimitMs);
    if (left !== 'none') {
      logger.warn(leftBehind[left]);
    }
    timeline.ended();
    await agent.drain(drainLimitMs);
    const output = agent.stderr.toString();
    if ('interruptedBy' in outcome) {
      const { interruptedBy: signal } = outcome;
      throw new Failure(taskKinds['task-interrupted'], this.#interruptedMessage(signal), {
        output,
        fields: { signal },
      });
    }
    const { end, termination } = outcome;
    if (!('exitCode' in end) || end.exitCode !== 0)
      throw new Failure(taskKinds['agent-exit'], agentMessage(end, termination), {
        output,
        fields: endFields(end),
      });
  }

  /**
   * Waits until the agent has ended, or until it was asked to end because the grace period after a
   * termination signal was over.
   */
  async #endOrInterruption(
    agent: Child,
  ): Promise<{ end: ChildEnd; termination: string | undefined } | { interruptedBy: string }> {
    const { logger, settings, timeline } = this.#surroundings;
    const agentEnded = new AbortController();
    const outcome = await Promise.race([
      agent.ended.then(async (end) => {
        // A signal that ended both has arrived by then.
        await new Promise(setImmediate);
        return { end, termination: this.#termination.signal };
      }),
      this.#termination.graceOver(settings, agentEnded.signal).then((interruptedBy) => ({ interruptedBy })),
    ]);
    agentEnded.abort();
    timeline.ending();
    if ('end' in outcome) {
      logger.shareOutput(false);
      const { end } = outcome;
      logger.info('task agent ended', { 'child.pid': agent.pid, ...endFields(end), end: describeEnd(end) });
    } else {
      logger.warn('the grace period is over: the task is interrupted', {
        signal: outcome.interruptedBy,
        'grace.period_ms': settings.gracePeriodMs,
      });
      agent.signal(SIGTERM);
      await agent.groupGone(terminateLimitMs);
      logger.shareOutput(false);
    }
    return outcome;
  }

  #interruptedMessage(signal: string): string {
    const { gracePeriodMs, shutdownDelayMs } = this.#surroundings.settings;
    const delay =
      shutdownDelayMs > 0 ? ` (and the shutdown delay of ${formatGoDurationMs(shutdownDelayMs)})` : '';
    return `The task was still running when the grace period of ${formatGoDurationMs(gracePeriodMs)}${delay} after ${signal} was over, and was interrupted, most likely because the Pod was evicted or deleted.`;
  }
}

/** The most likely reasons for a file that does not exist. */
function withPathHint(error: unknown, { task_agent_path }: Config): unknown {
  const [hint] = pathHints.find(([, isLikely]) => isLikely(task_agent_path.trim())) ?? [];
  const isMissing = error instanceof StartError && /does not exist|in any directory/.test(error.message);
  return isMissing && hint !== undefined
    ? new StartError(`${error.message} ${hint}`, { cause: error })
    : error;
}

const pathHints: readonly (readonly [hint: string, isLikely: (path: string) => boolean])[] = [
  ['The quotes are part of "task_agent_path".', (path) => /^["']/.test(path)],
  ['No shell replaces ~ or a variable in "task_agent_path".', (path) => /^[~$]/.test(path)],
  ['"task_agent_path" is split at spaces, so a path must have none.', (path) => path.includes(' ')],
];

/** @param termination the name of the termination signal that had come by then, if one had */
function agentMessage(end: ChildEnd, termination: string | undefined): string {
  return `The task agent failed: ${describeEnd(end)}.${likelyCause(end, termination)}`;
}

function likelyCause(end: ChildEnd, termination: string | undefined): string {
  if (termination !== undefined)
    return ` The container received ${termination}, most likely because the Pod was evicted or deleted.`;
  return 'signal' in end && end.signal === SIGKILL
    ? ' Unless something in the job sent that signal, memory ran out or the Pod was being removed.'
    : '';
}
