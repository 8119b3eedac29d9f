import { createDialer } from '../../internal/http/dial.ts';
import type { ProxySettings } from '../../internal/http/proxy.ts';
import { planRoute } from '../../internal/http/route.ts';
import { parseBaseUrl } from './base-url.ts';
import { judge } from './judge.ts';
import { failBody, unclaimBody } from './request-body.ts';
import { type Call, calls } from './runner-api-call.ts';
import { RunnerApiError } from './runner-api-error.ts';
import { type Post, sendOnce } from './send-once.ts';
import { defaultLimits, type Limits, sendWithRetries } from './send-with-retries.ts';

export interface RunnerClientOptions {
  /** With or without a path prefix and a trailing slash. */
  readonly baseUrl: string;
  readonly token: string;
  /** See `userAgent`. */
  readonly userAgent: string;
  readonly proxy: ProxySettings;
  /** The certificates to trust, each in PEM; nothing else is trusted. */
  readonly ca: readonly string[];
  /** Ends calls at once, pauses and connections included. */
  readonly signal?: AbortSignal | undefined;
  /** For tests; the defaults are the contract's. */
  readonly limits?: Partial<Limits>;
}

/** The two calls to the runner API. Every attempt has a connection of its own; nothing stays open after a call. */
export interface RunnerClient {
  /** Hands the task back for another try. @throws RunnerApiError; see `isRetriesExhausted` for 409. */
  unclaim(taskId: string): Promise<void>;
  /** Reports the task as failed. @param timestampMs unix time in ms. @throws RunnerApiError */
  fail(allocation: string, timestampMs: number, message: string): Promise<void>;
  /** Ends what is under way and refuses further calls. Settles when every connection and timer is gone. */
  close(): Promise<void>;
}

const mediaType = 'application/json; charset=utf-8';

/** @throws RunnerApiError if the base URL or the token cannot be used; neither is quoted. */
export function createRunnerClient(options: RunnerClientOptions): RunnerClient {
  const { token } = options;
  const base = parseBaseUrl(options.baseUrl);
  if (/[^\x20-\x7e]/.test(token)) {
    throw new RunnerApiError(
      'cannot call the runner API: the token has characters that no HTTP header may have',
      {
        attempts: 0,
      },
    );
  }
  const { dial, closed } = createDialer(options.ca);
  const route = planRoute(base.origin, options.proxy, dial);
  const limits = { ...defaultLimits, ...options.limits };
  const closing = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal;
  const underWay = new Set<Promise<void>>();

  const send = async (call: Call, body: string) => {
    const { origin, prefix } = base;
    const headers = {
      Authorization: `Bearer ${token}`,
      Accept: mediaType,
      'Content-Type': mediaType,
      'User-Agent': options.userAgent,
    };
    const post: Post = { origin, path: prefix + calls[call].route, headers, body };
    const outcome = await sendWithRetries(
      (limitMs) => sendOnce(post, route, limitMs, signal),
      limits,
      signal,
    );
    judge(call, outcome, { way: route.description, token, signal });
  };
  const track = (call: Call, body: string) => {
    const sent = send(call, body).finally(() => underWay.delete(sent));
    underWay.add(sent);
    return sent;
  };

  return {
    unclaim: (taskId) => track('unclaim', unclaimBody(taskId, token)),
    fail: (allocation, timestampMs, message) => track('fail', failBody(allocation, timestampMs, message)),
    async close() {
      closing.abort(new Error('the client was closed'));
      await Promise.allSettled(underWay);
      await closed();
    },
  };
}
