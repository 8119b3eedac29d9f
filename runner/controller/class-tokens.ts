import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import type { ControllerLogger } from '../observability/controller-logger.ts';

/**
 * The tokens of the resource classes, from the Secrets that the operator names: the key is a class's dotted name. Read
 * again whenever somebody asks, as Secrets change without a restart.
 */
export class ClassTokens {
  readonly #client: KubernetesClient;
  readonly #secrets: readonly string[];
  readonly #logger: ControllerLogger;
  readonly #addSecret: (secret: string) => void;
  #byClass: ReadonlyMap<string, string> = new Map();
  #reading: Promise<void> | undefined;

  /** @param addSecret told of each token, so that no line of the log has it */
  constructor(
    client: KubernetesClient,
    secrets: readonly string[],
    logger: ControllerLogger,
    addSecret: (secret: string) => void,
  ) {
    this.#client = client;
    this.#secrets = secrets;
    this.#logger = logger;
    this.#addSecret = addSecret;
  }

  /** The dotted names of the classes that have a token. */
  get classes(): string[] {
    return [...this.#byClass.keys()];
  }

  get(resourceClass: string): string | undefined {
    return this.#byClass.get(resourceClass);
  }

  /** Reads all Secrets; several calls at once read them once. What cannot be read keeps the tokens of before. */
  refresh(signal: AbortSignal): Promise<void> {
    this.#reading ??= this.#read(signal).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(signal: AbortSignal): Promise<void> {
    const found = new Map<string, string>();
    for (const name of this.#secrets) {
      try {
        const { data = {} } = await this.#client.secrets.get(name, signal);
        for (const [resourceClass, value] of Object.entries(data))
          this.#add(found, name, resourceClass, value);
      } catch (error) {
        if (signal.aborted) return;
        this.#logger.warn('a Secret with tokens cannot be read', { secret: name, error });
        for (const [resourceClass, token] of this.#byClass) {
          if (!found.has(resourceClass)) found.set(resourceClass, token);
        }
      }
    }
    this.#byClass = found;
  }

  #add(found: Map<string, string>, secret: string, resourceClass: string, value: string): void {
    const token = Buffer.from(value, 'base64').toString('utf8').trim();
    if (token === '') {
      this.#logger.warn('a resource class has an empty token', { secret, 'resource.class': resourceClass });
      return;
    }
    if (found.has(resourceClass)) {
      this.#logger.warn('a resource class has more than one token; the first one is used', {
        secret,
        'resource.class': resourceClass,
      });
      return;
    }
    this.#addSecret(token);
    found.set(resourceClass, token);
  }
}
