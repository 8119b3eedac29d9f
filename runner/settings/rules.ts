import { parseGoDuration } from '../../internal/duration.ts';
import { labelValue } from '../names/names.ts';

/** How to read a variable. `parse` throws an Error with one line that says what was expected. */
export interface VariableRule<T> {
  readonly parse: (text: string) => T;
  /** The value if the variable is unset or empty. */
  readonly default: T;
}

/** Any text, unchanged. */
export function text(fallback: string): VariableRule<string> {
  return { parse: (value) => value, default: fallback };
}

/** A value of a label (Kubernetes, "Labels"). It is never cut off: then it could equal another instance's. */
export function label(fallback: string): VariableRule<string> {
  return {
    parse(value) {
      if (labelValue(value) !== value)
        throw new Error(
          'expected at most 63 letters, digits or any of . _ -, with a letter or digit at both ends',
        );
      return value;
    },
    default: fallback,
  };
}

/** The name of a namespace: a DNS label (RFC 1123; Kubernetes, "Object Names and IDs"). */
export function namespace(fallback: string): VariableRule<string> {
  return {
    parse(value) {
      if (!/^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/.test(value))
        throw new Error(
          'expected the name of a namespace: at most 63 lowercase letters, digits or -, with a letter or digit at both ends',
        );
      return value;
    },
    default: fallback,
  };
}

/** Names separated by commas, each once. Spaces around them and a comma at the end are allowed. */
export function list(): VariableRule<readonly string[]> {
  return { parse: (value) => splitList(value), default: [] };
}

function splitList(value: string): string[] {
  return [...new Set(value.split(',').flatMap((part) => part.trim() || []))];
}

/** A boolean in any form of Go's strconv.ParseBool, because templates quote booleans. */
export function flag(fallback: boolean): VariableRule<boolean> {
  return { parse: parseFlag, default: fallback };
}

function parseFlag(value: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw new Error('expected true or false');
}

/** A whole number. Helm writes large ones as 1e+06. */
export function count(fallback: number, least: number): VariableRule<number> {
  return {
    parse(value) {
      const number = Number(value);
      if (!Number.isSafeInteger(number) || number < least)
        throw new Error(`expected a whole number of at least ${least}`);
      return number;
    },
    default: fallback,
  };
}

/** A duration in Go's format, in ms. @param least the shortest one that is allowed. Absent: any that is longer than 0 */
export function duration(fallback: string, least?: string): VariableRule<number> {
  return {
    parse(value) {
      const ms = parseGoDuration(value);
      if (least === undefined && ms <= 0) throw new Error('expected a duration longer than 0s');
      if (least !== undefined && ms < parseGoDuration(least))
        throw new Error(`expected a duration of at least ${least}`);
      return ms;
    },
    default: parseGoDuration(fallback),
  };
}

/** One of these words, in upper or lower case. */
export function choice<const T extends string>(values: readonly T[], fallback: T): VariableRule<T> {
  return {
    parse(value) {
      const chosen = values.find((known) => known === value.toLowerCase());
      if (chosen === undefined) throw new Error(`expected one of ${values.join(', ')}`);
      return chosen;
    },
    default: fallback,
  };
}

/** An http or https URL. The client checks the rest of it. */
export function url(fallback: string): VariableRule<string> {
  return {
    parse(value) {
      if (!URL.canParse(value) || !/^https?:\/\//i.test(value))
        throw new Error('expected a URL that begins with https:// or http://');
      const { hash, password, search, username } = new URL(value);
      // The URL is in the spec of Pods, which many may read.
      if (username !== '' || password !== '') throw new Error('expected a URL without a user and a password');
      if (search !== '' || hash !== '') throw new Error('expected a URL without a query and a fragment');
      return value;
    },
    default: fallback,
  };
}
