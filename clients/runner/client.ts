import { createDialer } from '../../internal/http/dial.ts';
import type { ProxySettings } from '../../internal/http/proxy.ts';
import { planRoute } from '../../internal/http/route.ts';
import { parseBaseUrl } from './base-url.ts';
import { type Call, calls, type Fail, meaningOf, type Unclaim } from './calls.ts';
import { requireSuccess } from './require-success.ts';
import { RunnerApiError } from './runner-api-error.ts';
import { type OutgoingRequest, sendOnce } from './send-once.ts';
import { defaultLimits, type Limits, sendWithRetries } from './send-with-retries.ts';

/** The address of the runner API, and the settings of all calls. */
export interface RunnerApiAccess {
  /** With or without a path prefix and a trailing slash. */
  readonly baseUrl: string;
  /** See `userAgent`. */
  readonly userAgent: string;
  readonly proxy: ProxySettings;
  /** The trusted certificates, each in PEM. No others are trusted. */
  readonly ca: readonly string[];
  /** Ends calls at once, including pauses and connections. */
  readonly signal?: AbortSignal | undefined;
  /** Only for tests. The defaults are part of the contract. */
  readonly limits?: Partial<Limits>;
}

/** The runner API. Every attempt has its own connection, and no connection stays open after a call. */
export interface RunnerClient {
  /** Hands a task back for another try. @throws RunnerApiError; see `isRetriesExhausted` */
  unclaim(task: Unclaim): Promise<void>;
  /** Reports a task as failed. @throws RunnerApiError */
  fail(failure: Fail): Promise<void>;
  /** Ends running calls and refuses further calls. Settles when every connection and timer is gone. */
  close(): Promise<void>;
}

const mediaType = 'application/json; charset=utf-8';

/**
 * @throws RunnerApiError if the base URL cannot be used. The message does not quote the URL
 */
export function createRunnerClient(access: RunnerApiAccess): RunnerClient {
  const { origin, prefix } = parseBaseUrl(access.baseUrl);
  const { dial, closed } = createDialer(access.ca);
  const route = planRoute(origin, access.proxy, dial);
  const limits = { ...defaultLimits, ...access.limits };
  const closing = new AbortController();
  const signal = access.signal ? AbortSignal.any([access.signal, closing.signal]) : closing.signal;
  const underWay = new Set<Promise<void>>();

  const send = async <Input>(call: Call<Input>, input: Input) => {
    const token = call.token(input);
    const headers = {
      Authorization: `Bearer ${requireHeaderText(token)}`,
      Accept: mediaType,
      'Content-Type': mediaType,
      'User-Agent': access.userAgent,
    };
    const { method, path } = call;
    const body = JSON.stringify(call.body(input));
    const request: OutgoingRequest = { method, origin, path: prefix + path, headers, body };
    const outcome = await sendWithRetries(
      (limitMs) => sendOnce(request, route, limitMs, signal),
      (status) => meaningOf(call, status) === 'try-again',
      limits,
      signal,
    );
    requireSuccess(call, outcome, { way: route.description, token, signal });
  };
  const track = <Input>(call: Call<Input>, input: Input) => {
    const sent = send(call, input).finally(() => underWay.delete(sent));
    underWay.add(sent);
    return sent;
  };

  return {
    unclaim: (task) => track(calls.unclaim, task),
    fail: (failure) => track(calls.fail, failure),
    async close() {
      closing.abort(new Error('the client was closed'));
      await Promise.allSettled(underWay);
      await closed();
    },
  };
}

function requireHeaderText(token: string): string {
  if (!/[^\x20-\x7e]/.test(token)) return token;
  throw new RunnerApiError(
    'cannot call the runner API: the token has characters that no HTTP header may have',
    { attempts: 0 },
  );
}
