import { Option } from 'commander';
import { parseGoDuration } from '../internal/duration.ts';
import { Failure } from '../internal/failure.ts';
import { parseListenAddress } from '../internal/health/listen-address.ts';

/** The end of every usage error. */
export const help = 'See orchestrator --help.';

/** What an error may quote of a value: nothing long, and nothing that could be a configuration gone astray. */
const quotable = /^[^{}"]{0,64}$/;

/**
 * An option that a variable can stand for. Commander's own errors would quote the value, whatever it is.
 *
 * @param parse throws an Error with one line
 */
export function createOption(
  flags: string,
  variable: string,
  description: string,
  parse: (text: string) => unknown,
): Option {
  const option = new Option(flags, description).env(variable);
  return option.argParser((text: string) => {
    try {
      return parse(text);
    } catch (error) {
      const reason =
        error instanceof Error && quotable.test(text) ? error.message : 'the value makes no sense';
      throw new Failure('usage', `${option.long} (${variable}): ${reason}. ${help}`);
    }
  });
}

/** @returns ms */
export function parseDuration(text: string): number {
  const ms = parseGoDuration(text);
  if (ms < 0) {
    throw new Error(`${JSON.stringify(text)} is negative`);
  }
  return ms;
}

export function checkListenAddress(text: string): string {
  parseListenAddress(text);
  return text;
}

export const logFormats = ['text', 'json'] as const;

export function parseLogFormat(text: string): string {
  const format = logFormats.find((known) => known === text);
  if (format === undefined) {
    throw new Error(`${JSON.stringify(text)} is no log format; expected ${logFormats.join(' or ')}`);
  }
  return format;
}

/** Splits at commas; `\,` stands for a comma in an argument. */
export function parseEntrypoint(text: string): string[] {
  const parts = text.split(/(?<!\\),/).map((part) => part.replaceAll('\\,', ','));
  if (parts[0] === '') {
    throw new Error('expected a command and its arguments, as in tini,-g,--');
  }
  return parts;
}
