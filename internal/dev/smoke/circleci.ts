import { type Api, ApiError, send } from './api-request.ts';

export interface Pipeline {
  readonly id: string;
  readonly number: number;
}

export interface Workflow {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  /** ISO 8601. */
  readonly created_at: string;
}

export interface WorkflowJob {
  readonly name: string;
  readonly status: string;
}

/** More pages than any pipeline has. An API whose pages never end must not block the test. */
const mostPages = 100;

/** The calls of CircleCI's API v2 in a smoke test. Each throws ApiError. */
export class CircleCi {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async trigger(
    projectSlug: string,
    request: { branch: string; parameters: object },
    signal: AbortSignal,
  ): Promise<Pipeline> {
    const path = `/project/${projectSlug}/pipeline`;
    const answer = await send(this.#api, { method: 'POST', path, body: request }, signal);
    const { id, number } = answer as Partial<Pipeline>;
    if (typeof id !== 'string' || typeof number !== 'number')
      throw new ApiError(`POST ${path}: the answer names no pipeline; is this a CircleCI API?`);
    return { id, number };
  }

  /** The errors that prevent the workflows of a pipeline, such as an unreadable configuration, or ''. */
  async errorsOf(pipeline: Pipeline, signal: AbortSignal): Promise<string> {
    const answer = await send(this.#api, { method: 'GET', path: `/pipeline/${pipeline.id}` }, signal);
    const { state, errors = [] } = answer as { state?: string; errors?: { message?: string }[] };
    if (state !== 'errored' && errors.length === 0) return '';
    return errors.map(({ message }) => message).join('; ') || 'its state is "errored"';
  }

  async workflows(pipeline: Pipeline, signal: AbortSignal): Promise<Workflow[]> {
    return this.#pages<Workflow>(`/pipeline/${pipeline.id}/workflow`, signal);
  }

  async jobs(workflow: Workflow, signal: AbortSignal): Promise<WorkflowJob[]> {
    return this.#pages<WorkflowJob>(`/workflow/${workflow.id}/job`, signal);
  }

  async cancel(workflow: Workflow, signal: AbortSignal): Promise<void> {
    await send(this.#api, { method: 'POST', path: `/workflow/${workflow.id}/cancel` }, signal);
  }

  async #pages<T>(path: string, signal: AbortSignal): Promise<T[]> {
    const items: T[] = [];
    let query = '';
    for (let page = 0; page < mostPages; page++) {
      const answer = await send(this.#api, { method: 'GET', path: path + query }, signal);
      const { items: more, next_page_token: next } = answer as {
        items?: T[];
        next_page_token?: string | null;
      };
      if (!Array.isArray(more)) throw new ApiError(`GET ${path}: the answer has no "items"`);
      items.push(...more);
      if (!next) return items;
      query = `?page-token=${encodeURIComponent(next)}`;
    }
    throw new ApiError(`GET ${path}: more than ${mostPages} pages`);
  }
}
