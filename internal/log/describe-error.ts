/** A longer chain is a cycle, or too long to read. */
const maxCauses = 8;

/**
 * An error and its causes on one line, outermost first: `cannot do this: that is missing: ENOENT …`. A cause
 * is not repeated if the message already has its text. Stacks are left out. The caller has to escape line
 * feeds.
 */
export function describeError(error: unknown): string {
  let text = '';
  let current = error;
  for (let depth = 0; depth < maxCauses && current !== undefined && current !== null; depth++) {
    const part = describeOne(current);
    if (!text.includes(part)) text = text === '' ? part : `${text}: ${part}`;
    current = current instanceof Error ? current.cause : undefined;
  }
  return text === '' ? String(error) : text;
}

/** Node's connection errors may have an empty message. Then only `errors` or `code` say what happened. */
function describeOne(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'object' ? safeJson(error) : String(error);
  if (error.message !== '') return error.message;
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map(describeOne).join('; ');
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
