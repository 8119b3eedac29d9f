import { parseGoDuration } from '../../internal/duration.ts';
import { Failure, sharedKinds } from '../../internal/failure.ts';
import { parseListenAddress } from '../../internal/health/listen-address.ts';
import type { LogFormat } from '../../internal/log/logger.ts';

/** The end of every usage error. */
export const help = 'See orchestrator --help.';

/** A flag, and the variable that stands for it. */
export interface OptionRule<T> {
  /** As commander wants them. */
  readonly flags: `--${string} <${string}>`;
  readonly variable: string;
  readonly description: string;
  /** Throws an Error with one line. */
  readonly parse: (text: string) => T;
}

/** One that may be left out. */
export interface DefaultedRule<T> extends OptionRule<T> {
  readonly default: { readonly value: T; readonly text?: string };
}

const logFormats: readonly LogFormat[] = ['text', 'json'];

export const shutdownDelay: DefaultedRule<number> = {
  flags: '--shutdown-delay <duration>',
  variable: 'CIRCLECI_GOAT_SHUTDOWN_DELAY',
  description: 'how long to wait after a termination signal before the grace period',
  parse: parseDuration,
  default: { value: 0, text: '0s' },
};

export const logFormat: DefaultedRule<LogFormat> = {
  flags: '--log-format <format>',
  variable: 'CIRCLECI_GOAT_LOG_FORMAT',
  description: `how log lines are written: ${logFormats.join(' or ')}`,
  parse: parseLogFormat,
  default: { value: 'text' },
};

export const terminationGracePeriod: DefaultedRule<number> = {
  flags: '--termination-grace-period <duration>',
  variable: 'CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD',
  description: 'how long the task may go on after a termination signal',
  parse: parseDuration,
  default: { value: 10_000, text: '10s' },
};

export const healthCheckAddr: DefaultedRule<string> = {
  flags: '--health-check-addr <address>',
  variable: 'CIRCLECI_GOAT_HEALTH_CHECK_ADDR',
  description: 'where the health checks listen',
  parse: checkListenAddress,
  default: { value: ':7623' },
};

/** Those that `run-task` has, and `override` for it. */
export const taskOptions = [shutdownDelay, logFormat, terminationGracePeriod, healthCheckAddr];

export const entrypoint: OptionRule<string[]> = {
  flags: '--entrypoint <command>',
  variable: 'CIRCLECI_GOAT_ENTRYPOINT',
  description: 'the custom entrypoint and its arguments, separated by commas',
  parse: parseEntrypoint,
};

/** What an error may quote of a value: nothing long, and nothing that could be a configuration gone astray. */
const quotable = /^[^{}"]{0,64}$/;

/** @throws Failure 'usage' with one line that names flag and variable, and the value if it can be no secret */
export function parseValue<T>(rule: OptionRule<T>, text: string): T {
  try {
    return rule.parse(text);
  } catch (error) {
    const reason = error instanceof Error && quotable.test(text) ? error.message : 'the value makes no sense';
    const [flag] = rule.flags.split(' ');
    throw new Failure(sharedKinds.usage, `${flag} (${rule.variable}): ${reason}. ${help}`);
  }
}

/** @returns ms */
function parseDuration(text: string): number {
  const ms = parseGoDuration(text);
  if (ms < 0) {
    throw new Error(`${JSON.stringify(text)} is negative`);
  }
  return ms;
}

function checkListenAddress(text: string): string {
  parseListenAddress(text);
  return text;
}

function parseLogFormat(text: string): LogFormat {
  const format = logFormats.find((known) => known === text);
  if (format === undefined) {
    throw new Error(`${JSON.stringify(text)} is no log format; expected ${logFormats.join(' or ')}`);
  }
  return format;
}

/** Splits at commas; `\,` stands for a comma in an argument. */
function parseEntrypoint(text: string): string[] {
  const parts = text.split(/(?<!\\),/).map((part) => part.replaceAll('\\,', ','));
  if (parts[0] === '') {
    throw new Error('expected a command and its arguments, as in tini,-g,--');
  }
  return parts;
}
