import {
  checkTrustStore,
  createProcesses,
  exitNow,
  initPlatform,
  listen,
  nameProcess,
  runOverride,
  takeHandoff,
} from '#platform/cmd/orchestrator/platform';
import type { Environment } from '../../internal/environment.ts';
import { Failure } from '../../internal/failure.ts';
import type { Handoff } from '../../internal/launcher/handoff.ts';
import {
  createLogger,
  type LogFields,
  logWriterOptions,
  type RootLogger,
} from '../../internal/log/logger.ts';
import { FdWriter } from '../../internal/output/fd-writer.ts';
import { replaceNodeStderr } from '../../internal/output/node-stderr.ts';
import { signalName, terminationSignals } from '../../internal/signals.ts';
import { loadTrustStore } from '../../internal/trust-store/trust-store.ts';
import { commit, date, version } from '../../internal/version.ts';
import { toFailure } from '../../task/failure-kinds.ts';
import { readMemoryCgroup } from '../../task/memory/memory-cgroup.ts';
import type { Processes } from '../../task/processes/processes.ts';
import { readinessTimeoutMs } from '../../task/readiness.ts';
import { runTask } from '../../task/run-task.ts';
import { writeTerminationLog } from '../../task/termination-log.ts';
import { configVariable, type Invocation, ownVariables, parseInvocation } from './invocation.ts';

/** For the last log lines, when their reader is slow, ms. */
const flushLimitMs = 2000;

/** The one place that ends the process; nothing is left to exit handlers, which Node runs only if it can. */
async function main(): Promise<void> {
  const stdout = new FdWriter(1, logWriterOptions);
  const stderr = new FdWriter(2);
  replaceNodeStderr(stderr);
  let status: number;
  let logger: RootLogger | undefined;
  try {
    nameProcess('orchestrator');
    const handoff = takeHandoff();
    const invocation = await parse(handoff);
    if (invocation.command === 'print') {
      stdout.write(invocation.text);
      status = 0;
    } else {
      logger = createLogger({ format: invocation.logFormat, writer: stdout });
      status = await execute(invocation, { handoff, stdout, stderr, logger });
    }
  } catch (error) {
    status = fail(error, stderr, logger);
  }
  await Promise.all([(logger ?? stdout).flush(flushLimitMs), stderr.flush(flushLimitMs)]);
  exitNow(status);
}

function parse(handoff: Handoff): Promise<Invocation> {
  for (const name of ownVariables) {
    const value = handoff.environment.get(name);
    if (value) {
      process.env[name] = value;
    }
  }
  const versionText = `orchestrator ${version} (commit ${commit}, built ${date})`;
  return parseInvocation(process.argv.slice(2), handoff.environment.get(configVariable), versionText);
}

interface Means {
  readonly handoff: Handoff;
  readonly stdout: FdWriter;
  readonly stderr: FdWriter;
  readonly logger: RootLogger;
}

async function execute(invocation: Exclude<Invocation, { command: 'print' }>, means: Means): Promise<number> {
  const { handoff, logger } = means;
  const { environment } = handoff;
  const certificates = {
    SSL_CERT_FILE: environment.get('SSL_CERT_FILE'),
    SSL_CERT_DIR: environment.get('SSL_CERT_DIR'),
  };
  switch (invocation.command) {
    case 'init': {
      const { runInit } = await import('../../init/init.ts');
      const signal = abortOnTermination(createProcesses(means));
      const { source, destination } = invocation;
      await runInit({ source, destination, logger, signal, platform: await initPlatform() });
      return 0;
    }
    case 'override':
      return runOverride({
        entrypoint: invocation.entrypoint,
        command: [process.execPath, 'run-task', ...invocation.flags],
        environment: withConfig(environment, invocation.config),
        configText: invocation.config,
        handoff,
        version,
        processes: createProcesses(means),
        logger,
        loadTrustStore: () => loadTrustStore(certificates),
      });
    case 'run-task': {
      const memory = readMemoryCgroup();
      return runTask({
        configText: invocation.config,
        settings: {
          gracePeriodMs: invocation.terminationGracePeriod,
          shutdownDelayMs: invocation.shutdownDelay,
          readinessTimeoutMs,
        },
        healthCheckAddress: invocation.healthCheckAddr,
        listen,
        openFilesLimit: Number(handoff.openFiles?.hard ?? 1024n),
        build: { version, date },
        environment,
        processes: createProcesses({ ...means, memory }),
        memory,
        logger,
        checkTrustStore: () => checkTrustStore(certificates),
        loadTrustStore: () => loadTrustStore(certificates),
      });
    }
  }
}

function abortOnTermination(processes: Processes): AbortSignal {
  const termination = new AbortController();
  processes.listen((signal) => termination.abort(signalName(signal)), terminationSignals);
  return termination.signal;
}

/** A configuration that came as a flag goes on as a variable: argument lists can be read by everyone. */
function withConfig(environment: Environment, config: string): Environment {
  return environment.get(configVariable) === config ? environment : environment.with(configVariable, config);
}

/** One line for whoever looks, in the log once there is one. @returns what the process exits with */
function fail(error: unknown, stderr: FdWriter, logger: RootLogger | undefined): number {
  const message = error instanceof Error ? error.message : String(error);
  if (logger === undefined) {
    stderr.write(`orchestrator: ${message}\n`);
  } else {
    logger.error(message, error instanceof Failure ? error.logFields : unexpected(error));
  }
  writeTerminationLog(message);
  return error instanceof Failure ? error.exitStatus : 1;
}

/** What the log has of an error that nobody counted on. */
function unexpected(error: unknown): LogFields {
  const { logFields } = toFailure(error);
  return { ...logFields, stack: error instanceof Error ? error.stack : error };
}

void main();
