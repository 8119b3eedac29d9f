import { takeHandoff } from '#platform/internal/launcher/handoff';
import { exitNow, nameProcess } from '#platform/internal/syscall/this-process';
import { RunnerApiError } from '../../clients/runner/runner-api-error.ts';
import type { Environment } from '../../internal/environment.ts';
import { Failure } from '../../internal/failure.ts';
import { logWriterLimits } from '../../internal/log/logger.ts';
import { FdWriter } from '../../internal/output/fd-writer.ts';
import { replaceNodeStderr } from '../../internal/output/node-stderr.ts';
import { escapeUnsafe } from '../../internal/output/safe-text.ts';
import { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { writeTerminationLog } from '../../internal/termination-log.ts';
import { commit, date, version } from '../../internal/version.ts';
import { createControllerLogger } from '../../runner/log/create-controller-logger.ts';
import { readControllerSettings } from '../../runner/settings/controller-settings.ts';
import { check } from './check.ts';
import { type Invocation, parseCommandLine } from './cli.ts';
import { runCollectLogs } from './run-collect-logs.ts';
import { runController } from './run-controller.ts';
import { listenForStop } from './stop.ts';

/** The time for the last lines if their reader is slow, ms. */
const flushLimitMs = 2000;

interface Output {
  readonly stdout: FdWriter;
  readonly stderr: FdWriter;
}

/** The only place that ends the process. */
async function main(): Promise<void> {
  const output: Output = { stdout: new FdWriter(1, logWriterLimits), stderr: new FdWriter(2) };
  replaceNodeStderr(output.stderr);
  const mask = new SecretMask();
  let status = 0;
  let environment: Environment | undefined;
  try {
    nameProcess('container-agent');
    environment = takeHandoff(process.env, '').environment;
    const versionText = `container-agent ${version} (commit ${commit}, built ${date})`;
    const invocation = parseCommandLine(process.argv.slice(2), versionText);
    await Promise.race([execute(invocation, environment, output, mask), uncaughtException()]);
  } catch (error) {
    // The controller defaults to json. Here the default is text, because people run these commands in a terminal.
    const isJson = environment?.get('O11Y_FORMAT')?.trim().toLowerCase() === 'json';
    status = fail(error, output.stderr, mask, isJson);
  }
  await Promise.all([output.stdout.flush(flushLimitMs), output.stderr.flush(flushLimitMs)]);
  exitNow(status);
}

/** Rejects on an uncaught exception. Node would print the whole source line, without masking secrets. */
function uncaughtException(): Promise<never> {
  return new Promise((_resolve, reject) => process.on('uncaughtException', reject));
}

async function execute(
  invocation: Invocation,
  environment: Environment,
  output: Output,
  mask: SecretMask,
): Promise<void> {
  const { stderr, stdout } = output;
  switch (invocation.command) {
    case 'print':
      stdout.write(invocation.text);
      return;
    case 'check': {
      const { pods, warnings } = await check(invocation, environment);
      for (const warning of warnings) stderr.write(`container-agent: ${escapeUnsafe(warning)}\n`);
      stdout.write(pods);
      return;
    }
    default: {
      const stop = listenForStop();
      const { settings, warnings } = readControllerSettings(environment);
      const style = { format: settings.O11Y_FORMAT, level: settings.O11Y_LEVEL };
      const logger = createControllerLogger(style, stdout, mask);
      const start = { settings, environment, logger, mask, stop };
      if (invocation.command !== 'run') return await runCollectLogs(start);
      for (const warning of warnings) logger.warn('a variable has no effect', { warning });
      await runController(start);
    }
  }
}

/** Writes one line if an operator can fix the mistake, or else all details of the error. @returns the exit status */
function fail(error: unknown, stderr: FdWriter, mask: SecretMask, isJson: boolean): number {
  const message = mask.mask(error instanceof Error ? error.message : String(error));
  const failure = error instanceof Failure ? error : undefined;
  const isExpected = failure !== undefined || error instanceof RunnerApiError;
  const stack = isExpected || !(error instanceof Error) ? undefined : error.stack;
  const fields = { code: failure?.code, stack };
  if (isJson) createControllerLogger({ format: 'json', level: 'error' }, stderr, mask).error(message, fields);
  else stderr.write(`container-agent: ${stack === undefined ? escapeUnsafe(message) : mask.mask(stack)}\n`);
  writeTerminationLog(escapeUnsafe(message));
  return failure?.exitStatus ?? 1;
}

void main();
