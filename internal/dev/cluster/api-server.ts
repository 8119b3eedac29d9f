import { readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { apiServerUrl } from './addresses.ts';
import { authorityCertificate, certificateOf, keyOf } from './certificates.ts';

/** For checks whether something answers. */
const askLimitMs = 5_000;
/** For requests with an effect. It only ends a hang. */
const callLimitMs = 60_000;

/** A request with more than a path. */
export interface ApiCall {
  readonly method?: 'DELETE' | 'GET' | 'PATCH' | 'POST';
  /** Is sent as JSON; a PATCH is merged into the object. */
  readonly body?: unknown;
  /** The token of a service account, for requests other than the administrator's. */
  readonly token?: string | undefined;
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** The API server's refusal, in its own words. */
export class ApiServerError extends Error {
  readonly status: number | undefined;

  constructor(request: string, { status, body }: Answer) {
    super(`${request} was answered with ${status}: ${messageIn(body)}`);
    this.status = status;
  }
}

/** Whether a component answers a request with 200. */
export async function answersWell(url: string): Promise<boolean> {
  return (await ask(url))?.status === 200;
}

/**
 * Reads an object of the API server as the administrator.
 *
 * @param path such as /api/v1/nodes/node
 * @returns undefined when there is none, or no API server answers
 */
export async function readObject(path: string): Promise<unknown> {
  const answer = await ask(`${apiServerUrl}${path}`);
  return answer?.status === 200 ? JSON.parse(answer.body) : undefined;
}

/**
 * Sends a request to the API server as the administrator.
 *
 * @returns the body of the answer
 * @throws ApiServerError unless the status is from 200 to 299
 */
export async function callApiServer(
  path: string,
  { method = 'GET', body, token }: ApiCall = {},
): Promise<string> {
  const answer = await send(`${apiServerUrl}${path}`, { method, body, token }, callLimitMs);
  const { status = 0 } = answer;
  if (status < 200 || status > 299) throw new ApiServerError(`${method} ${path}`, answer);
  return answer.body;
}

/** Errors are dropped: the log of the component is clearer. */
function ask(url: string): Promise<Answer | undefined> {
  return send(url, {}, askLimitMs).catch(() => undefined);
}

function send(url: string, { method = 'GET', body, token }: ApiCall, limitMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = {
      ...(body === undefined ? {} : { 'Content-Type': type }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    };
    const common = { method, headers, signal: AbortSignal.timeout(limitMs) };
    const sent = url.startsWith('https:')
      ? requestHttps(url, { ...common, ...readCredentials(token) })
      : requestHttp(url, common);
    sent.once('error', reject);
    sent.once('response', (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode, body: answer }), reject);
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function readCredentials(token: string | undefined) {
  const ca = readFileSync(authorityCertificate);
  if (token !== undefined) return { ca };
  return {
    ca,
    cert: readFileSync(certificateOf('admin')),
    key: readFileSync(keyOf('admin')),
  };
}

/** Errors are objects of the kind Status, but a proxy before the API server may answer anything. */
function messageIn(body: string): string {
  try {
    return JSON.parse(body).message ?? body;
  } catch {
    return body;
  }
}
