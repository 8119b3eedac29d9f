import { Failure } from '../internal/failure.ts';
import { describeShape } from './describe-shape.ts';
import { taskKinds } from './failure-kinds.ts';

/** A task's configuration as the container runner writes it. Absent fields have their zero value. */
export interface Config {
  /** The custom entrypoint. Empty: there is none. */
  readonly cmd: readonly string[];
  /** The user that the agent runs as. Empty: the user does not change. */
  readonly user: string;
  readonly task_id: string;
  /** The task's secret. */
  readonly token: string;
  /** The agent starts when this file exists. Empty: at once. */
  readonly readiness_file_path: string;
  /** Hand the task back after any failure. */
  readonly enable_unsafe_retries: boolean;
  /** The agent's command, split at spaces. */
  readonly task_agent_path: string;
  readonly runner_api_base_url: string;
  readonly allocation: string;
  /** Passed on to the agent if set. */
  readonly ssh_advertise_addr: string;
  /** Nanoseconds. */
  readonly max_run_time: bigint;
}

/** The names of a task, for its lines in the log. A name that is empty is left out. */
export function taskNames(config: Pick<Config, 'task_id' | 'allocation'>): {
  'task.id': string | undefined;
  allocation: string | undefined;
} {
  return { 'task.id': config.task_id || undefined, allocation: config.allocation || undefined };
}

type FieldParser<T> = (value: unknown, name: string) => T;
type Parsers = { readonly [Name in keyof Config]: FieldParser<Config[Name]> };

const parsers: Parsers = {
  cmd: strings,
  user: string,
  task_id: string,
  token: string,
  readiness_file_path: string,
  enable_unsafe_retries: boolean,
  task_agent_path: string,
  runner_api_base_url: string,
  allocation: string,
  ssh_advertise_addr: string,
  max_run_time: int64,
};

/**
 * Parses a configuration. V8's own errors would quote it, so messages and causes contain no part of the text.
 *
 * @throws Failure 'config' that names the field
 */
export function parseConfig(text: string): Config {
  const fields = parseObject(text);
  const entries = Object.entries(parsers).map(([name, parse]) => [name, parse(fields[name], name)]);
  return Object.fromEntries(entries) as Config;
}

function parseObject(text: string): Record<string, unknown> {
  if (text.trim() === '')
    throw new Failure(taskKinds.config, 'The configuration is empty; expected a JSON object.');
  let value: unknown;
  try {
    value = JSON.parse(text, keepIntegers);
  } catch (error) {
    const shape =
      error instanceof RangeError ? 'its objects and arrays are nested too deeply' : describeShape(text);
    throw new Failure(
      taskKinds.config,
      `The configuration is not valid JSON: ${shape} (${Buffer.byteLength(text)} bytes; its text is not shown, as it holds secrets).`,
    );
  }
  if (typeof value === 'string' && value.trimStart().startsWith('{'))
    throw new Failure(
      taskKinds.config,
      'The configuration is a JSON string that holds JSON; it was encoded twice.',
    );
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Failure(taskKinds.config, `The configuration must be a JSON object, but is ${kindOf(value)}.`);
  return value as Record<string, unknown>;
}

/** Integers beyond 2^53 would lose digits as numbers. */
function keepIntegers(_name: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

function string(value: unknown, name: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw wrongType(name, 'a string', value);
  // Arguments, paths and headers cannot contain NUL.
  if (value.includes('\0'))
    throw new Failure(taskKinds.config, `Configuration field "${name}" must not contain a NUL character.`);
  return value;
}

function strings(value: unknown, name: string): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType(name, 'an array of strings', value);
  return value.map((item, index) => {
    if (typeof item !== 'string') throw wrongType(`${name}[${index}]`, 'a string', item);
    return string(item, `${name}[${index}]`);
  });
}

function boolean(value: unknown, name: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw wrongType(name, 'true or false', value);
  return value;
}

function int64(value: unknown, name: string): bigint {
  if (value === undefined || value === null) return 0n;
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) {
    const expected = 'a whole number of nanoseconds that fits in 64 bits (5h is 18000000000000)';
    throw wrongType(name, expected, value);
  }
  return value;
}

function wrongType(name: string, expected: string, value: unknown): Failure {
  return new Failure(
    taskKinds.config,
    `Configuration field "${name}" must be ${expected}, but is ${kindOf(value)}.`,
  );
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  const kinds: Readonly<Record<string, string>> = {
    bigint: 'a whole number',
    boolean: 'a boolean',
    number: 'a number with a fraction or an exponent',
    object: 'an object',
    string: 'a string',
  };
  return kinds[typeof value] ?? typeof value;
}
