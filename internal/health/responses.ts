export interface Component {
  readonly name: string;
  readonly version: string;
}

/** The health of a program. */
export interface Health {
  readonly component: Component;
  readiness(): Readiness;
  /** Further pages, by their paths. */
  readonly pages?: Readonly<Record<string, Page>>;
}

export interface Readiness {
  readonly ready: boolean;
  /** The problems, by the name of the failed part. A program may be ready without all of its parts. */
  readonly failures: Readonly<Record<string, string>>;
}

export interface Page {
  readonly contentType: string;
  /** Must not reject. */
  readonly text: () => Promise<string>;
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
 * Answers a request: `/live` is always 200, `/ready` is 503 until the program is ready. A query after the path
 * is ignored.
 */
export async function respond(
  method: string,
  target: string,
  health: Health,
  now: Date,
): Promise<HealthResponse> {
  const path = target.split('?', 1)[0] ?? '';
  const answers = new Map<string, () => HealthResponse | Promise<HealthResponse>>([
    ['/live', () => checked({ ready: true, failures: {} }, health.component, now)],
    ['/ready', () => checked(health.readiness(), health.component, now)],
    ...Object.entries(health.pages ?? {}).map(([name, page]) => [name, () => shown(page)] as const),
  ]);
  const answer = answers.get(path);
  if (answer === undefined) return plain(404, `not found: there are ${[...answers.keys()].join(', ')}`);
  if (method !== 'GET' && method !== 'HEAD')
    return plain(405, 'method not allowed: use GET or HEAD', { Allow: 'GET, HEAD' });
  return answer();
}

async function shown({ contentType, text }: Page): Promise<HealthResponse> {
  return { status: 200, headers: { 'Content-Type': contentType }, body: await text() };
}

function checked({ ready, failures }: Readiness, { name, version }: Component, now: Date): HealthResponse {
  const body = JSON.stringify({
    status: ready ? 'OK' : 'Unavailable',
    timestamp: now.toISOString(),
    component: { name, version },
    failures: Object.keys(failures).length > 0 ? failures : undefined,
  });
  return { status: ready ? 200 : 503, headers: { 'Content-Type': 'application/json' }, body };
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
