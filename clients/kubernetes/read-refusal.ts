import type { Dispatcher } from 'undici';
import { readRetryAfterMs } from '../../internal/http/retry-after.ts';
import { KubernetesError, NoAnswerError, saidIn } from './kubernetes-error.ts';
import { readObject } from './read-object.ts';
import { isCorePath } from './resources.ts';

/** A refusal may quote much: every check of an admission policy, or every mistake of a large template. */
const maxErrorBytes = 1 << 20;
/** API servers ask for a few seconds. A header with much more is a mistake, and must not keep us away for days. */
const longestAskedMs = 60_000;

/**
 * The error of an answer that is no success.
 *
 * @param path of the request
 * @param what could not be done, for the message
 */
export async function readRefusal(
  path: string,
  what: string,
  answer: Dispatcher.ResponseData,
): Promise<KubernetesError | NoAnswerError> {
  const { isStatus, reason, said } = await readStatus(answer);
  if (!isStatus && isFromBetween(path, answer))
    return new NoAnswerError(
      `${what}: status ${answer.statusCode}, but without the API's words: look at what is in between, such as a proxy or a load balancer`,
    );
  const askedMs = readRetryAfterMs(answer.headers, Date.now());
  return new KubernetesError(`${what}: ${said || `status ${answer.statusCode}`}`, {
    status: answer.statusCode,
    reason,
    said,
    retryAfterMs: askedMs === undefined ? undefined : Math.min(askedMs, longestAskedMs),
  });
}

/**
 * Whether an answer without a Status comes from something in the API server's place: a proxy, a login page, or a load
 * balancer that has lost its servers. Such redirects and refusals say nothing about any object or right. The API server
 * itself sends a 404 without a Status only for a group of APIs that it does not have, and it always has the core group.
 * What 401, 429 and the errors of a server mean is the same, whoever sends them.
 */
function isFromBetween(path: string, { statusCode }: Dispatcher.ResponseData): boolean {
  if (statusCode === 404) return isCorePath(path);
  return statusCode < 500 && statusCode !== 401 && statusCode !== 429;
}

/** Reads meta/v1 Status. A proxy's answer has none. */
async function readStatus({ body }: Dispatcher.ResponseData) {
  try {
    const { value } = await readObject(body, maxErrorBytes);
    const { kind, message, reason } = value as Record<string, unknown>;
    // The Status of a webhook's refusal may lack the reason.
    return { isStatus: kind === 'Status', reason: saidIn(reason), said: saidIn(message) };
  } catch {
    return { isStatus: false, reason: '', said: '' };
  }
}
