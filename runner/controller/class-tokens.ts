import type { KubernetesClient } from '../../clients/kubernetes/client.ts';
import { isStatus } from '../../clients/kubernetes/kubernetes-error.ts';
import { isHeaderText } from '../../clients/runner/header-text.ts';
import { isObject } from '../../internal/json.ts';
import type { SecretMask } from '../../internal/secrets/secret-mask.ts';
import type { ControllerLogger } from '../log/controller-logger.ts';

/** How often the controller reads the tokens again, ms. */
export const tokensEveryMs = 60_000;

interface ClassToken {
  readonly token: string;
  /** {@link ClassTokens.sinceMs} */
  readonly sinceMs: number;
}

/**
 * The tokens of the resource classes, from the Secrets that the operator names. Their keys are the classes' dotted
 * names. They are read again on request, because Secrets change without a restart.
 */
export class ClassTokens {
  readonly #client: KubernetesClient;
  readonly #secrets: readonly string[];
  readonly #logger: ControllerLogger;
  readonly #mask: SecretMask;
  readonly #bySecret = new Map<string, ReadonlyMap<string, string>>();
  #byClass: ReadonlyMap<string, ClassToken> = new Map();
  #masked: ReadonlySet<string> = new Set();
  #reading: Promise<void> | undefined;

  /** @param mask gets each token, so that the log never shows it */
  constructor(
    client: KubernetesClient,
    secrets: readonly string[],
    logger: ControllerLogger,
    mask: SecretMask,
  ) {
    this.#client = client;
    this.#secrets = secrets;
    this.#logger = logger;
    this.#mask = mask;
  }

  /** The dotted names of the classes that have a token. */
  get classes(): string[] {
    return [...this.#byClass.keys()];
  }

  get(resourceClass: string): string | undefined {
    return this.#byClass.get(resourceClass)?.token;
  }

  /** When a class got its token, on the monotonic clock, ms. -Infinity: with the first look at its Secret. */
  sinceMs(resourceClass: string): number {
    return this.#byClass.get(resourceClass)?.sinceMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Reads all Secrets. Several calls at once read them once. A Secret that cannot be read keeps its tokens. */
  refresh(signal: AbortSignal): Promise<void> {
    this.#reading ??= this.#read(signal).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(signal: AbortSignal): Promise<void> {
    const seen = new Set(this.#bySecret.keys());
    for (const name of this.#secrets) {
      try {
        const { data } = await this.#client.secrets.get(name, signal);
        this.#bySecret.set(name, this.#decode(name, data));
      } catch (error) {
        if (signal.aborted) return;
        this.#logger.warn('a Secret with tokens cannot be read', { secret: name, error });
        // A deleted Secret has no more tokens.
        if (isStatus(error, 404)) this.#bySecret.set(name, new Map());
      }
    }
    this.#remask();
    this.#byClass = this.#merge(seen);
  }

  #remask(): void {
    const tokens = new Set([...this.#bySecret.values()].flatMap((byClass) => [...byClass.values()]));
    for (const token of tokens) if (!this.#masked.has(token)) this.#mask.add(token);
    for (const token of this.#masked) if (!tokens.has(token)) this.#mask.remove(token);
    this.#masked = tokens;
  }

  #decode(secret: string, data: unknown): ReadonlyMap<string, string> {
    const tokens = new Map<string, string>();
    for (const [resourceClass, value] of Object.entries(isObject(data) ? data : {})) {
      const token = typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8').trim() : '';
      if (token === '') {
        this.#logger.warn('a resource class has an empty token', { secret, 'resource.class': resourceClass });
        continue;
      }
      if (!isHeaderText(token)) {
        this.#logger.warn('a resource class has a token with characters that no HTTP header may have', {
          secret,
          'resource.class': resourceClass,
        });
        continue;
      }
      tokens.set(resourceClass, token);
    }
    return tokens;
  }

  /** @param seen the Secrets that were read before, or did not exist */
  #merge(seen: ReadonlySet<string>): ReadonlyMap<string, ClassToken> {
    const nowMs = performance.now();
    const merged = new Map<string, ClassToken>();
    for (const secret of this.#secrets) {
      for (const [resourceClass, token] of this.#bySecret.get(secret) ?? []) {
        const newMs = seen.has(secret) ? nowMs : Number.NEGATIVE_INFINITY;
        const sinceMs = this.#byClass.get(resourceClass)?.sinceMs ?? newMs;
        if (!merged.has(resourceClass)) merged.set(resourceClass, { token, sinceMs });
        else
          this.#logger.warn('a resource class has more than one token; the first one is used', {
            secret,
            'resource.class': resourceClass,
          });
      }
    }
    return merged;
  }
}
