import { createDialer } from '../../internal/http/dial.ts';
import type { ProxySettings } from '../../internal/http/proxy-settings.ts';
import { planRoute } from '../../internal/http/route.ts';
import { Attempts } from './attempts.ts';
import { parseBaseUrl } from './base-url.ts';
import { type Call, type CallName, meaningOf } from './calls/call.ts';
import { Connections } from './connection.ts';
import { isHeaderText } from './header-text.ts';
import type { Limits } from './limits.ts';
import { describeFailure, readResult } from './read-result.ts';
import { RunnerApiError } from './runner-api-error.ts';
import type { OutgoingRequest } from './send-once.ts';
import { sendWithRetries } from './send-with-retries.ts';

/** Called after each attempt of a call, for metrics, with the status of the answer, or 0 if there was none. */
export type ObserveAttempt = (call: CallName, status: number) => void;

/** The address of the runner API, and the settings of all calls. */
export interface RunnerApiAccess {
  /** With or without a path prefix and a trailing slash. */
  readonly baseUrl: string;
  /** The program's name, version and platform. */
  readonly userAgent: string;
  readonly proxy: ProxySettings;
  /** The trusted certificates, each in PEM. No others are trusted. */
  readonly ca: readonly string[];
  /** A description of these certificates, for the message that another one was not accepted. */
  readonly trust?: string;
  /**
   * The time for all calls together, ms. A last call has at least the time of one attempt. No limit by default. After
   * this time nobody calls again, so each call with a budget is a last chance.
   */
  readonly budgetMs?: number;
  /**
   * Called with the first failed attempt of a call that continues, and with the time that it may still take, in ms. Not
   * called for calls with only a few attempts: they end soon, and their error says why.
   */
  readonly onRetry?: (error: RunnerApiError, leftMs: number) => void;
  /** Whether a success may be HTML. The runner API itself answers with JSON or nothing. True by default. */
  readonly acceptsPages?: boolean;
  /** Ends calls at once, including pauses and connections. */
  readonly signal?: AbortSignal | undefined;
  readonly observe?: ObserveAttempt;
  /** Only for tests. The defaults are part of the contract. */
  readonly limits?: Partial<Limits>;
}

/** Makes calls of the runner API. */
export interface Caller {
  /**
   * @param signal ends this call at once
   * @throws RunnerApiError
   */
  call<Input, Result>(call: Call<Input, Result>, input: Input, signal?: AbortSignal): Promise<Result>;
  /** Ends running calls and refuses further calls. Settles when every connection and timer is gone. */
  close(): Promise<void>;
}

const mediaType = 'application/json; charset=utf-8';

/**
 * @throws RunnerApiError if the base URL cannot be used. The message does not quote the URL
 */
export function createCaller(access: RunnerApiAccess): Caller {
  const { origin, prefix } = parseBaseUrl(access.baseUrl);
  const { dial, closed } = createDialer(access.ca);
  const route = planRoute(origin, access.proxy, dial);
  const closing = new AbortController();
  const signals = access.signal ? [access.signal, closing.signal] : [closing.signal];
  const connections = new Connections(origin, route);
  const underWay = new Set<Promise<unknown>>();

  const start = performance.now();
  const budgetLeftMs = () => (access.budgetMs ?? Number.POSITIVE_INFINITY) - (performance.now() - start);

  const send = async <Input, Result>(call: Call<Input, Result>, input: Input, signal: AbortSignal) => {
    const token = call.token(input);
    const request = buildRequest(call, input, prefix, access.userAgent);
    const limits = { ...call.limits, isLastChance: access.budgetMs !== undefined, ...access.limits };
    const totalMs = Math.min(limits.totalMs, Math.max(budgetLeftMs(), limits.attemptMs));
    const { acceptsPages = true, trust } = access;
    const onRetry = limits.maxAttempts === Number.POSITIVE_INFINITY ? access.onRetry : undefined;
    const observe = (status: number) => access.observe?.(call.name, status);
    const attempts = new Attempts(request, connections, signal, observe);
    const about = { url: origin + request.path, way: route.note, trust, token, signal, acceptsPages };
    const sent = () => ({ ...about, isUncertain: attempts.isUncertain });
    const outcome = await sendWithRetries(
      (limitMs) => attempts.make(limitMs),
      (status) => meaningOf(call, status) === 'try-again',
      { ...limits, totalMs },
      signal,
      (failed, leftMs) => onRetry?.(describeFailure(call, failed, sent()), leftMs),
    );
    return readResult(call, outcome, sent());
  };

  return {
    call(call, input, signal) {
      const sent = send(call, input, AbortSignal.any(signal ? [...signals, signal] : signals));
      const settled = sent.catch(() => {}).finally(() => underWay.delete(settled));
      underWay.add(settled);
      return sent;
    },
    async close() {
      closing.abort(new Error('the client was closed'));
      await Promise.all(underWay);
      await connections.close();
      await closed();
    },
  };
}

function buildRequest<Input, Result>(
  { answer, body, method, path, sharesConnections, token }: Call<Input, Result>,
  input: Input,
  prefix: string,
  userAgent: string,
): OutgoingRequest {
  return {
    method,
    path: prefix + path,
    keepsConnection: sharesConnections === true,
    headers: {
      Authorization: `Bearer ${requireHeaderText(token(input))}`,
      Accept: mediaType,
      ...(body ? { 'Content-Type': mediaType } : {}),
      'User-Agent': userAgent,
    },
    body: body ? JSON.stringify(body(input)) : null,
    maxAnswerBytes: answer.maxBytes,
  };
}

function requireHeaderText(token: string): string {
  if (isHeaderText(token)) return token;
  throw new RunnerApiError(
    'cannot call the runner API: the token has characters that no HTTP header may have',
    { attempts: 0 },
  );
}
