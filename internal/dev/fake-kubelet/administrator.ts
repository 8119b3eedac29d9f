import { readFileSync } from 'node:fs';
import { Agent, type Dispatcher } from 'undici';
import { apiServerUrl } from '../cluster/addresses.ts';
import { authorityCertificate, certificateOf, keyOf } from '../cluster/certificates.ts';

/** A method that changes something. */
type Method = 'DELETE' | 'PATCH' | 'POST';

/** A change of an object. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'ERROR';
  readonly object: T;
}

/** The address of an API server, and its administrator's identity. */
export interface AdministratorAccess {
  readonly url: string;
  /** In PEM. Absent if the server asks for no identity. */
  readonly identity?: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };
}

/** An administrator, for thousands of requests: its connections stay open. */
export class Administrator implements AsyncDisposable {
  readonly #url: string;
  readonly #agent: Agent;
  /** Each watch keeps its own connection. */
  readonly #watches: Agent;

  /** @param access absent: the cluster of this machine */
  constructor({ identity, url }: AdministratorAccess = clusterAccess()) {
    const settings = { ...(identity && { connect: identity }), headersTimeout: 60_000, bodyTimeout: 0 };
    this.#url = url;
    this.#agent = new Agent({ ...settings, connections: 16 });
    this.#watches = new Agent(settings);
  }

  /**
   * @returns the object, or undefined if there is none
   * @throws Error for any other answer
   */
  async get<T>(path: string): Promise<T | undefined> {
    const text = await this.getText(path);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  /** The same for an answer that is no JSON. */
  async getText(path: string): Promise<string | undefined> {
    const answer = await this.#agent.request({ origin: this.#url, path, method: 'GET' });
    if (answer.statusCode === 404) {
      await answer.body.dump();
      return undefined;
    }
    return await read(`GET ${path}`, answer);
  }

  /**
   * Makes a change. A PATCH is merged into the object.
   *
   * @returns false if the object does not exist, or another one has its name
   * @throws Error for any other answer than a success
   */
  async change(method: Method, path: string, body: unknown): Promise<boolean> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await this.#agent.request({
      ...{ origin: this.#url, path, method },
      headers: { 'Content-Type': type },
      body: JSON.stringify(body),
      // Otherwise, each DELETE ends its connection.
      reset: false,
    });
    if (answer.statusCode === 404 || answer.statusCode === 409) {
      await answer.body.dump();
      return false;
    }
    await read(`${method} ${path}`, answer);
    return true;
  }

  /**
   * Watches a collection from its beginning on, until the signal aborts. The API server may end the watch sooner.
   *
   * @param path with a selection as its query
   */
  async *watch<T>(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
    const request = { origin: this.#url, path: `${path}&watch=true`, method: 'GET', signal } as const;
    const { body } = await this.#watches.request(request);
    let rest = '';
    body.setEncoding('utf8');
    for await (const chunk of body) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as WatchEvent<T>;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#watches.destroy()]);
  }
}

async function read(request: string, { body, statusCode }: Dispatcher.ResponseData): Promise<string> {
  const text = await body.text();
  if (statusCode > 299) throw new Error(`${request} was answered with ${statusCode}: ${text}`);
  return text;
}

function clusterAccess(): AdministratorAccess {
  const identity = {
    ca: readFileSync(authorityCertificate),
    cert: readFileSync(certificateOf('admin')),
    key: readFileSync(keyOf('admin')),
  };
  return { url: apiServerUrl, identity };
}
