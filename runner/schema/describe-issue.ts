import type { core, ZodMiniType } from 'zod/mini';

/** Describes the first thing that is wrong with a value, like {@link describeIssue}. Undefined: nothing is. */
export function findProblem(schema: ZodMiniType, value: unknown): string | undefined {
  const [issue] = schema.safeParse(value).error?.issues ?? [];
  return issue === undefined ? undefined : describeIssue(issue, value);
}

/**
 * Describes what is wrong with a value, in one line that names the field and what was expected, but never the value:
 * `docker[0].image must be a string, but is a number`.
 */
export function describeIssue(issue: core.$ZodIssue, value: unknown): string {
  const name = formatPath(issue.path);
  const found = aboutKinds.has(issue.code) ? kindOf(valueAt(value, issue.path)) : '';
  return `${name === '' ? 'it' : name} must ${expectation(issue)}${found === '' ? '' : `, but is ${found}`}`;
}

/** The issues for which the kind of the value is wrong. */
const aboutKinds: ReadonlySet<string> = new Set(['invalid_type', 'invalid_union', 'custom']);

/** Formats a path as `docker[0].environment.PATH`, for JSON and YAML alike. */
function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

const nouns: Readonly<Record<string, string>> = {
  array: 'an array',
  bigint: 'a whole number',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a string',
};

const tooBig: Readonly<Record<string, (most: number | bigint) => string>> = {
  array: (most) => `have at most ${most} entries`,
  string: (most) => `have at most ${most} characters`,
};

function expectation(issue: core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `be ${nouns[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? 'not be empty'
        : `be at least ${issue.minimum}`;
    case 'too_big':
      return tooBig[issue.origin]?.(issue.maximum) ?? `be at most ${issue.maximum}`;
    default:
      // The schema's own message fits into this sentence.
      return issue.message;
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (part, key) =>
      typeof part === 'object' && part !== null ? (part as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** The kind of a value in words. '' if the kind is not the problem. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return (
    { boolean: 'a boolean', number: 'a number', object: 'an object', string: 'a string' }[
      typeof value as string
    ] ?? ''
  );
}
