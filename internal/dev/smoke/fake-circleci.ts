import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Listening, startListening } from '../testing/start-listening.ts';
import type { Workflow, WorkflowJob } from './circleci.ts';

export interface FakeRequest {
  readonly method: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly body: unknown;
}

/** A test's own handling of a request. True: the API must not answer the request. */
export type Interception = (request: FakeRequest, response: ServerResponse) => boolean;

export const goodToken = 'token-of-the-tests';
export const pipelineId = '5034460f-c7c4-4c43-9457-de07e2029e7b';

const pageSize = 2;

/** The part of CircleCI's API v2 that smoke tests use, with one project and one pipeline. */
export class FakeCircleCi implements AsyncDisposable {
  readonly requests: FakeRequest[] = [];
  /** The pipeline's workflows. Tests add them and change their status. */
  readonly workflows: Workflow[] = [];
  jobs: WorkflowJob[] = [];
  pipelineErrors: { type: string; message: string }[] = [];
  disturb: Interception = () => false;
  /** Called after each request for the workflows. */
  onPolled: (times: number) => unknown = () => undefined;
  readonly #listening: Listening;
  #polled = 0;

  private constructor(listening: Listening) {
    this.#listening = listening;
  }

  static async start(): Promise<FakeCircleCi> {
    const server = createServer();
    const fake = new FakeCircleCi(await startListening(server));
    server.on('request', (request, response) => void fake.#serve(request, response));
    return fake;
  }

  get host(): string {
    return `http://127.0.0.1:${this.#listening.port}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#listening.close();
  }

  addWorkflow(name: string, status: string, createdAt = '2026-01-01T00:00:00Z'): void {
    this.workflows.push({ id: `${name}-${this.workflows.length}`, name, status, created_at: createdAt });
  }

  setStatus(name: string, status: string): void {
    for (const [index, workflow] of this.workflows.entries()) {
      if (workflow.name === name) this.workflows[index] = { ...workflow, status };
    }
  }

  /** The requests as `METHOD /path?query`. */
  get calls(): string[] {
    return this.requests.map(({ method, url }) => `${method} ${url.replace('/api/v2', '')}`);
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = Buffer.concat(await incoming.toArray()).toString();
    const request: FakeRequest = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      token: incoming.headers['circle-token'] as string | undefined,
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.requests.push(request);
    if (this.disturb(request, response)) return;
    if (request.token !== goodToken) answer(response, 401, { message: 'You must log in first.' });
    else this.#route(request, response);
  }

  #route({ method, url }: FakeRequest, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, this.host);
    const cancel = /^\/api\/v2\/workflow\/([^/]+)\/cancel$/.exec(pathname);
    const route = `${method} ${pathname.replace('/api/v2', '')}`;
    if (route === 'POST /project/github/circleci/runner-smoke-tests/pipeline') {
      answer(response, 201, { id: pipelineId, number: 42, state: 'pending' });
    } else if (route === `GET /pipeline/${pipelineId}`) {
      const state = this.pipelineErrors.length > 0 ? 'errored' : 'created';
      answer(response, 200, { id: pipelineId, state, errors: this.pipelineErrors });
    } else if (route === `GET /pipeline/${pipelineId}/workflow`) {
      answer(response, 200, page(this.workflows, searchParams));
      this.onPolled(++this.#polled);
    } else if (method === 'POST' && cancel?.[1] !== undefined) {
      this.#cancel(cancel[1]);
      answer(response, 202, { message: 'Accepted.' });
    } else if (method === 'GET' && /^\/api\/v2\/workflow\/[^/]+\/job$/.test(pathname)) {
      answer(response, 200, page(this.jobs, searchParams));
    } else {
      answer(response, 404, { message: 'Project not found' });
    }
  }

  #cancel(id: string): void {
    const workflow = this.workflows.find((candidate) => candidate.id === id);
    if (workflow !== undefined) this.setStatus(workflow.name, 'canceled');
  }
}

function page<T>(
  items: readonly T[],
  query: URLSearchParams,
): { items: T[]; next_page_token: string | null } {
  const start = Number(/^from (\d+)$/.exec(query.get('page-token') ?? 'from 0')?.[1]);
  const end = start + pageSize;
  return { items: items.slice(start, end), next_page_token: end < items.length ? `from ${end}` : null };
}

export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
