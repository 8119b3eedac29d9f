export interface Component {
  readonly name: string;
  readonly version: string;
}

export interface HealthState {
  readonly component: Component;
  readonly ready: boolean;
}

export interface HealthResponse {
  readonly status: keyof typeof statusTexts;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const statusTexts = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
} as const;

export const badRequest = plain(400, 'bad request: not HTTP/1.1');
export const headTooLarge = plain(431, 'the header is too large');

/**
 * Answers a request: `/live` is always 200, `/ready` is 503 until the state is ready. A query after the path
 * is ignored.
 */
export function respond(method: string, target: string, state: HealthState, now: Date): HealthResponse {
  const path = target.split('?', 1)[0];
  if (path !== '/live' && path !== '/ready') return plain(404, 'not found: there are /live and /ready');
  if (method !== 'GET' && method !== 'HEAD') {
    return plain(405, 'method not allowed: use GET or HEAD', { Allow: 'GET, HEAD' });
  }
  const { component, ready } = state;
  const failures = path === '/ready' && !ready ? { [component.name]: 'not ready' } : undefined;
  const body = JSON.stringify({
    status: failures ? 'Unavailable' : 'OK',
    timestamp: now.toISOString(),
    component: { name: component.name, version: component.version },
    failures,
  });
  return { status: failures ? 503 : 200, headers: { 'Content-Type': 'application/json' }, body };
}

/** The response as HTTP/1.1 that ends the connection. For HEAD it has the body's length, but not the body. */
export function serialize({ status, headers, body }: HealthResponse, method: string, now: Date): string {
  const fields = {
    Date: now.toUTCString(),
    ...headers,
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${statusTexts[status]}\r\n${lines.join('')}\r\n${method === 'HEAD' ? '' : body}`;
}

function plain(
  status: HealthResponse['status'],
  text: string,
  headers: Record<string, string> = {},
): HealthResponse {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body: `${text}\n` };
}
