import { parseGoDuration } from '../../internal/duration.ts';
import { checkListenAddress } from '../../internal/health/listen-address.ts';
import type { LogFormat } from '../../internal/log/logger.ts';
import type { OptionRules } from '../../internal/options.ts';
import type { ownVariablesPrefix } from '../../task/agent.ts';

/** Options that a task's process may get by variables. The prefix keeps them from its job. */
type TaskOptionRules = OptionRules &
  Readonly<Record<string, { readonly variable: `${typeof ownVariablesPrefix}_${string}` }>>;

const logFormats: readonly LogFormat[] = ['text', 'json'];

/** The options of every command. */
export const commonOptions = {
  shutdownDelay: {
    syntax: '--shutdown-delay <duration>',
    variable: 'CIRCLECI_GOAT_SHUTDOWN_DELAY',
    description: 'how long to wait after a termination signal before the grace period',
    parse: parseDuration,
    default: '0s',
  },
  logFormat: {
    syntax: '--log-format <format>',
    variable: 'CIRCLECI_GOAT_LOG_FORMAT',
    description: `how log lines are written: ${logFormats.join(' or ')}`,
    parse: parseLogFormat,
    default: 'text',
  },
} as const satisfies TaskOptionRules;

/** The options of `init`: its operands, and the common options. */
export const initOptions = {
  ...commonOptions,
  source: {
    syntax: '[SOURCE]',
    variable: 'SOURCE',
    description: 'directory to copy from',
    parse: String,
    default: '/',
  },
  destination: {
    syntax: '[DESTINATION]',
    variable: 'DESTINATION',
    description: 'directory to copy to',
    parse: String,
    default: '/opt/circleci/bin',
  },
} as const satisfies OptionRules;

/** The options of `run-task`. `override` accepts them too, and passes them on. */
export const taskOptions = {
  ...commonOptions,
  terminationGracePeriod: {
    syntax: '--termination-grace-period <duration>',
    variable: 'CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD',
    description: 'how long the task may go on after a termination signal',
    parse: parseDuration,
    default: '10s',
  },
  healthCheckAddr: {
    syntax: '--health-check-addr <address>',
    variable: 'CIRCLECI_GOAT_HEALTH_CHECK_ADDR',
    description: 'where the health checks listen',
    parse: checkListenAddress,
    default: ':7623',
  },
  config: {
    syntax: '--config <json>',
    variable: 'CIRCLECI_GOAT_CONFIG',
    description: "the task's configuration",
    parse: String,
    required: "The task's configuration",
    ifMissing: 'An entrypoint that runs this program has to pass its environment on.',
    secret: true,
  },
} as const satisfies TaskOptionRules;

/** The options of `override`: those of `run-task`, and the entrypoint. */
export const overrideOptions = {
  ...taskOptions,
  entrypoint: {
    syntax: '--entrypoint <command>',
    variable: 'CIRCLECI_GOAT_ENTRYPOINT',
    description: 'the custom entrypoint and its arguments, separated by commas',
    parse: parseEntrypoint,
    required: 'The custom entrypoint',
  },
} as const satisfies TaskOptionRules;

/** @returns ms */
function parseDuration(text: string): number {
  const ms = parseGoDuration(text);
  if (ms < 0) throw new Error(`${JSON.stringify(text)} is negative`);
  return ms;
}

function parseLogFormat(text: string): LogFormat {
  const format = logFormats.find((known) => known === text);
  if (format === undefined)
    throw new Error(`${JSON.stringify(text)} is not a log format; expected ${logFormats.join(' or ')}`);
  return format;
}

/** Splits at commas. `\,` is a comma within an argument. */
function parseEntrypoint(text: string): readonly string[] {
  const parts = text.split(/(?<!\\),/).map((part) => part.replaceAll('\\,', ','));
  if (parts[0] === '') throw new Error('expected a command and its arguments, as in tini,-g,--');
  return parts;
}
