import { EnvHttpProxyAgent, fetch } from 'undici';
import { delay } from '../../delay.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v2`. */
  readonly path: string;
  readonly body?: unknown;
}

export interface Api {
  readonly host: string;
  readonly token: string;
  /** Called for every failed attempt that is repeated. */
  readonly onRetry: (reason: string) => void;
  /** Times, in ms, that tests make shorter. */
  readonly times?: Partial<typeof defaultTimes>;
}

const defaultTimes = { attemptMs: 30_000, firstPauseMs: 500, longestPauseMs: 30_000 };

/** A final answer that is not a success, or no answer before the time limit. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The answer's status. Undefined if there was no answer. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/**
 * Sends a request to a CircleCI API and returns the JSON of its answer. After a temporary error (HTTP 429,
 * 5xx, a broken connection) it tries again until `signal` aborts. A new object may not be visible yet, so GET
 * is also repeated after 404. A POST is only repeated if it certainly had no effect.
 *
 * @throws ApiError
 */
export async function send(api: Api, request: ApiRequest, signal: AbortSignal): Promise<unknown> {
  const times = { ...defaultTimes, ...api.times };
  let earlier: ApiError | undefined;
  for (let pauseMs = times.firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, times.longestPauseMs)) {
    const outcome = await attempt(
      api,
      request,
      AbortSignal.any([signal, AbortSignal.timeout(times.attemptMs)]),
    );
    if ('answer' in outcome) return outcome.answer;
    const error = new ApiError(`${request.method} ${request.path}: ${outcome.reason}`, outcome.status);
    // The earlier error says more than the end of the time.
    if (signal.aborted) throw earlier ?? error;
    if (!mayRepeat(request, outcome)) throw error;
    earlier = error;
    const askedForMs = Math.min(outcome.retryAfterMs ?? 0, times.longestPauseMs);
    api.onRetry(error.message);
    if (!(await delay(Math.max(pauseMs, askedForMs), signal))) throw error;
  }
}

type RequestOutcome =
  | { readonly answer: unknown }
  | {
      readonly reason: string;
      readonly status?: number;
      readonly code?: string;
      readonly retryAfterMs?: number;
    };

async function attempt(
  api: Api,
  { method, path, body }: ApiRequest,
  signal: AbortSignal,
): Promise<RequestOutcome> {
  const dispatcher = new EnvHttpProxyAgent();
  try {
    const response = await fetch(`${api.host}/api/v2${path}`, {
      method,
      headers: { 'Circle-Token': api.token, Accept: 'application/json', 'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      redirect: 'manual',
      signal,
      dispatcher,
    });
    const text = await response.text();
    if (response.ok) return readAnswer(text);
    return {
      status: response.status,
      reason: `HTTP ${response.status}${messageOf(text)}`,
      retryAfterMs: 1000 * (Number(response.headers.get('retry-after')) || 0),
    };
  } catch (error) {
    return describeFailure(error);
  } finally {
    await dispatcher.destroy();
  }
}

function readAnswer(text: string): RequestOutcome {
  try {
    return { answer: JSON.parse(text) };
  } catch {
    return { reason: 'the answer is not JSON; is this a CircleCI API?' };
  }
}

/** CircleCI explains its errors as `{"message":…}`. Anything else is probably a page of a proxy. */
function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? `, ${JSON.stringify(message.slice(0, 300))}` : '';
  } catch {
    return '';
  }
}

/** fetch says `fetch failed`, and the reason is in the cause. */
function describeFailure(error: unknown): RequestOutcome {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (cause instanceof Error && ['TimeoutError', 'AbortError'].includes(cause.name))
    return { reason: 'no answer in time' };
  return { reason: cause instanceof Error ? cause.message : String(cause), code };
}

function mayRepeat({ method }: ApiRequest, outcome: Exclude<RequestOutcome, { answer: unknown }>): boolean {
  const { status, code = '' } = outcome;
  if (method === 'POST')
    return status === 429 || status === 503 || ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(code);
  return status === undefined || status === 404 || status === 408 || status === 429 || status >= 500;
}
