import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { parseJson } from './parse-json.ts';
import { type FakeCall, routeOf } from './routes.ts';

/** The data of one request. */
export interface ReceivedRequest {
  /** Unix time in ms. */
  readonly at: number;
  /** Absent for any other route. */
  readonly call: FakeCall | undefined;
  /**
   * The key of the call: the owner of its token (a resource class or a task) if the server has tasks. Otherwise the
   * task id of an unclaim, the allocation of a fail, or ''.
   */
  readonly key: string;
  /** 1 for the first request of this call and key. */
  readonly attempt: number;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The bearer token. Undefined if there is none. */
  readonly token: string | undefined;
  readonly body: string;
  /** The parsed body. Undefined if it is not JSON. */
  readonly json?: unknown;
  /** The message of a fail, decoded. */
  readonly message?: string;
}

/** The requests to a fake runner API, in the order of arrival and for each task. */
export class RequestRecord {
  readonly all: ReceivedRequest[] = [];
  readonly #byKey = new Map<string, ReceivedRequest[]>();
  /** How many there were, by their call and key. */
  readonly #attempts = new Map<string, number>();
  readonly #ownerOf: (token: string) => string | undefined;
  readonly #keeps: boolean;

  /**
   * @param ownerOf returns the owner of a token, if the server knows it
   * @param keeps whether requests are kept. Those of 100,000 tasks would need some GB
   */
  constructor(ownerOf: (token: string) => string | undefined = () => undefined, keeps = true) {
    this.#ownerOf = ownerOf;
    this.#keeps = keeps;
  }

  /** The requests of one task id or allocation. */
  of(key: string): readonly ReceivedRequest[] {
    return this.#byKey.get(key) ?? [];
  }

  add({ method = '', url: path = '', headers }: IncomingMessage, body: string): ReceivedRequest {
    const route = routeOf(method, path);
    const call = route?.call;
    const fields = parseFields(body);
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    const key = this.#ownerOf(token ?? '') ?? String(fields?.[route?.keyField ?? 'task_id'] ?? '');
    const counted = `${call} ${key}`;
    const attempt = (this.#attempts.get(counted) ?? 0) + 1;
    this.#attempts.set(counted, attempt);
    const message = fields?.message;
    const request: ReceivedRequest = {
      ...{ at: Date.now(), call, key, attempt, method, path, headers, token, body },
      ...(fields ? { json: fields } : {}),
      ...(typeof message === 'string' ? { message: Buffer.from(message, 'base64').toString('utf8') } : {}),
    };
    if (this.#keeps) this.#keep(request);
    return request;
  }

  #keep(request: ReceivedRequest): void {
    this.all.push(request);
    const known = this.#byKey.get(request.key);
    if (known === undefined) this.#byKey.set(request.key, [request]);
    else known.push(request);
  }
}

/** The calls of these requests, such as `unclaim`. For an unknown request it is the path. */
export function callsIn(requests: readonly ReceivedRequest[]): string[] {
  return requests.map(({ call, path }) => call ?? path);
}

/** The message of the last fail event among these requests. */
export function lastMessageIn(requests: readonly ReceivedRequest[]): string {
  return requests.findLast(({ call }) => call === 'fail')?.message ?? '';
}

function parseFields(body: string): Record<string, unknown> | undefined {
  const value = parseJson(body);
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}
