import { takeHandoff } from '#platform/internal/launcher/handoff';
import { exitNow, nameProcess } from '#platform/internal/syscall/this-process';
import { readContainerMemory } from '#platform/task/memory/container-memory';
import { runOverride } from '#platform/task/override/run-override';
import { createProcesses } from '#platform/task/processes/processes';
import type { Environment } from '../../internal/environment.ts';
import { Failure } from '../../internal/failure.ts';
import type { Handoff } from '../../internal/launcher/handoff.ts';
import { createLogger, type Logger, logWriterLimits } from '../../internal/log/logger.ts';
import { FdWriter } from '../../internal/output/fd-writer.ts';
import { replaceNodeStderr } from '../../internal/output/node-stderr.ts';
import { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { signalName, terminationSignals } from '../../internal/signals.ts';
import { startFailurePrefix, writeTerminationLog } from '../../internal/termination-log.ts';
import { commit, date, version } from '../../internal/version.ts';
import { toFailure } from '../../task/failure-kinds.ts';
import type { Processes } from '../../task/processes/processes.ts';
import { readinessTimeoutMs } from '../../task/readiness-file.ts';
import { runTask } from '../../task/run-task.ts';
import type { Invocation } from './invocation.ts';
import { overrideOptions, taskOptions } from './options.ts';
import { formatOfUsageError, parseInvocation } from './parse-invocation.ts';

const argv = process.argv.slice(2);
const { variable: configVariable } = taskOptions.config;

/** The time for the last log lines if their reader is slow, ms. */
const flushLimitMs = 2000;

/**
 * The only place that ends the process. No module uses exit handlers, as Node does not always run them.
 */
async function main(): Promise<void> {
  const stdout = new FdWriter(1, logWriterLimits);
  const stderr = new FdWriter(2);
  replaceNodeStderr(stderr);
  let status: number;
  let logger: Logger | undefined;
  let environment: Environment | undefined;
  try {
    nameProcess('orchestrator');
    const handoff = takeHandoff(process.env, configVariable);
    environment = handoff.environment;
    const invocation = await parse(environment);
    if (invocation.command === 'print') {
      stdout.write(invocation.text);
      status = 0;
    } else {
      const mask = new SecretMask();
      logger = createLogger(invocation.logFormat, stdout, mask);
      status = await execute(invocation, handoff, { stdout, stderr, logger, mask });
    }
  } catch (error) {
    if (environment !== undefined && formatOfUsageError(argv, environment) === 'json') {
      logger ??= createLogger('json', stderr, new SecretMask());
    }
    status = fail(error, stderr, logger);
  }
  await Promise.all([(logger ?? stdout).flush(flushLimitMs), stderr.flush(flushLimitMs)]);
  exitNow(status);
}

function parse(environment: Environment): Promise<Invocation> {
  const versionText = `orchestrator ${version} (commit ${commit}, built ${date})`;
  return parseInvocation(argv, environment, versionText);
}

interface Output {
  readonly stdout: FdWriter;
  readonly stderr: FdWriter;
  readonly logger: Logger;
  /** Masks secrets in both. */
  readonly mask: SecretMask;
}

async function execute(
  invocation: Exclude<Invocation, { command: 'print' }>,
  handoff: Handoff,
  output: Output,
): Promise<number> {
  const { logger, mask } = output;
  const memory = invocation.command === 'run-task' ? readContainerMemory() : undefined;
  const processes = createProcesses({ ...output, handoff, memory });
  switch (invocation.command) {
    case 'init': {
      const { runInit } = await import('../../init/init.ts');
      const { source, destination } = invocation;
      await runInit({ source, destination }, logger, abortOnTermination(processes));
      return 0;
    }
    case 'override': {
      const { config: configText, entrypoint, flags } = invocation;
      const command = [process.execPath, 'run-task', ...flags];
      const environment = withConfig(handoff.environment, configText);
      return runOverride(
        { entrypoint, command, environment, handoff },
        { configText, logger, mask },
        processes,
      );
    }
    case 'run-task': {
      const settings = {
        gracePeriodMs: invocation.terminationGracePeriod,
        shutdownDelayMs: invocation.shutdownDelay,
        readinessTimeoutMs,
      };
      return runTask(
        {
          configText: invocation.config,
          settings,
          healthCheckAddress: invocation.healthCheckAddr,
          knownVariables: Object.values(overrideOptions).map(({ variable }) => variable),
        },
        { handoff, processes, memory, logger, mask },
      );
    }
  }
}

function abortOnTermination(processes: Processes): AbortSignal {
  const termination = new AbortController();
  processes.listen((signal) => termination.abort(signalName(signal)), terminationSignals);
  return termination.signal;
}

/** Passes a configuration from a flag on as a variable, because everyone can read argument lists. */
function withConfig(environment: Environment, config: string): Environment {
  return environment.get(configVariable) === config ? environment : environment.with(configVariable, config);
}

/** Writes one line: to the log if it exists, or else to stderr. @returns the exit status */
function fail(error: unknown, stderr: FdWriter, logger: Logger | undefined): number {
  const message = error instanceof Error ? error.message : String(error);
  const { exitStatus, logFields } = toFailure(error);
  if (logger === undefined) {
    stderr.write(`${startFailurePrefix}${message}\n`);
  } else {
    logger.error(message, { ...logFields, stack: error instanceof Failure ? undefined : stackOf(error) });
  }
  writeTerminationLog(`${startFailurePrefix}${message}`);
  return exitStatus;
}

function stackOf(error: unknown): unknown {
  return error instanceof Error ? error.stack : error;
}

void main();
