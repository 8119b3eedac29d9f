import { type Call, MalformedAnswer } from './call.ts';

export interface ClaimRequest {
  /** The resource class's token. Only this call uses it. */
  readonly token: string;
  /** The replica's name in the runner API's list: letters, digits and any of . ( ) - _ */
  readonly name: string;
  readonly hostname: string;
  readonly ip: string;
  readonly version: string;
}

export interface ClaimAnswer {
  /** Undefined if there is no work. */
  readonly task:
    | {
        /** A secret. */
        readonly token: string;
        readonly allocation: string;
        /** The full name of the class, such as `namespace/name`. '' if the answer does not say it. */
        readonly resourceClass: string;
      }
    | undefined;
  /** A warning of the runner API, which may come along with a task. Or ''. */
  readonly warning: string;
}

/**
 * Asks once for a task of a resource class. The time limit is the longest that the runner API takes: if an answer came
 * after it, its task would be lost.
 */
export const claim: Call<ClaimRequest, ClaimAnswer> = {
  name: 'claim',
  purpose: 'claim a task from the runner API',
  method: 'POST',
  path: '/api/v3/runner/claim',
  token: ({ token }) => token,
  bearer: 'resource class',
  body: ({ name, hostname, ip, version }) => ({ name, hostname, ip, version }),
  statuses: {},
  limits: { attemptMs: 30_000, totalMs: 30_000, maxAttempts: 1, firstPauseMs: 0, longestPauseMs: 0 },
  // Whatever is refused here is a task that nobody gets.
  answer: { maxBytes: 1 << 20, read: readClaimAnswer },
};

/** No real identifier is longer. Identifiers go into annotations, labels of metrics and the log. */
const longestName = 1024;

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestName;
}

function readClaimAnswer(json: unknown): ClaimAnswer {
  if (json === undefined) return { task: undefined, warning: '' };
  if (typeof json !== 'object' || json === null) throw new MalformedAnswer('it is not an object');
  const fields: Readonly<Record<string, unknown>> = { ...json };
  const requireText = (name: string) => {
    const value = fields[name];
    if (typeof value === 'string' && value !== '') return value;
    throw new MalformedAnswer(`${name} is ${value === undefined ? 'missing' : 'not a string, or empty'}`);
  };
  const requireName = (name: string) => {
    const value = requireText(name);
    if (isName(value)) return value;
    throw new MalformedAnswer(`${name} has more than ${longestName} characters`);
  };
  return {
    task: {
      token: requireText('task_token'),
      allocation: requireName('allocation'),
      resourceClass: isName(fields.resource_class) ? fields.resource_class : '',
    },
    warning: typeof fields.warning === 'string' ? fields.warning.slice(0, longestName) : '',
  };
}
