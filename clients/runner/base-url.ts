import { RunnerApiError } from './runner-api-error.ts';

export interface BaseUrl {
  /** Scheme, host and port. The client connects there, and messages may show it. */
  readonly origin: string;
  /** Path prefix of every route, without a trailing slash: '' or '/prefix'. */
  readonly prefix: string;
}

/**
 * Splits the base URL of the runner API, without credentials, query and fragment.
 *
 * @throws RunnerApiError that says what is wrong, never quoting the value: it is part of the configuration.
 */
export function parseBaseUrl(text: string): BaseUrl {
  const reject = (reason: string) => {
    const expected = 'expected a URL such as https://host[:port][/path] in runner_api_base_url';
    return new RunnerApiError(`cannot call the runner API: its base URL ${reason}; ${expected}`, {
      attempts: 0,
    });
  };
  if (text.trim() === '') throw reject('is empty');
  if (!URL.canParse(text)) throw reject('is not a valid URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw reject('is neither http:// nor https://');
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') };
}
