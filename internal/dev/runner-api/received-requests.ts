import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

export type FakeCall = 'unclaim' | 'fail';

/** Everything that came in with one request. */
export interface ReceivedRequest {
  /** Unix time in ms. */
  readonly at: number;
  /** Absent for any other route. */
  readonly call: FakeCall | undefined;
  /** The task id of an unclaim, the allocation of a fail, or ''. */
  readonly key: string;
  /** 1 for the first request of this call and key. */
  readonly attempt: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The parsed body; absent if it is no JSON. */
  readonly json?: unknown;
  /** The message of a fail, decoded. */
  readonly message?: string;
}

/** The calls that these requests are, such as `unclaim`; the path of one that is none. */
export function callsIn(requests: readonly ReceivedRequest[]): string[] {
  return requests.map(({ call, path }) => call ?? path);
}

/** The message of the last fail event among these requests. */
export function lastMessageIn(requests: readonly ReceivedRequest[]): string {
  return requests.findLast(({ call }) => call === 'fail')?.message ?? '';
}

const routes: Readonly<Record<string, FakeCall>> = {
  '/api/v3/runner/unclaim': 'unclaim',
  '/api/v2/task/event/fail': 'fail',
};

/** Takes down what a fake runner API is asked, in the order of arrival and for each task. */
export function createRecord() {
  const all: ReceivedRequest[] = [];
  const byKey = new Map<string, ReceivedRequest[]>();
  const add = (incoming: IncomingMessage, body: string): ReceivedRequest => {
    const { method = '', url: path = '', headers } = incoming;
    const call = Object.entries(routes).find(([route]) => path.endsWith(route))?.[1];
    const fields = parseFields(body);
    const key = String(fields?.[call === 'fail' ? 'allocation' : 'task_id'] ?? '');
    const ofKey = byKey.get(key) ?? [];
    const attempt = ofKey.filter((earlier) => earlier.call === call).length + 1;
    const message = fields?.message;
    const request: ReceivedRequest = {
      ...{ at: Date.now(), call, key, attempt, method, path, headers, body },
      ...(fields ? { json: fields } : {}),
      ...(typeof message === 'string' ? { message: Buffer.from(message, 'base64').toString('utf8') } : {}),
    };
    all.push(request);
    byKey.set(key, [...ofKey, request]);
    return request;
  };
  return { all, byKey, add };
}

function parseFields(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
