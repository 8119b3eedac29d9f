import { followLog } from '../../clients/kubernetes/log/follow-log.ts';
import { defaultStepPolicy } from '../../clients/runner/repeat-call.ts';
import { defaultBackoff } from '../../internal/back-off.ts';
import { delay } from '../../internal/delay.ts';
import { formatGoDurationMs } from '../../internal/duration.ts';
import { serviceStep } from '../steps/step-kinds.ts';
import { StepWriter } from '../steps/step-writer.ts';
import { hasRun, type ObservedContainer } from '../verdict/container.ts';
import type { Collection, Service } from './collection.ts';

/** A log without new lines for this long counts as quiet, ms. */
const quietMs = 500;
const lineFeed = Buffer.from('\n');

/** The log of one service container on its way into the service's step. */
export class ServiceLog {
  readonly #service: Service;
  readonly #collection: Collection;
  readonly #index: number;
  readonly #hurry = new AbortController();
  readonly #end = new AbortController();
  #container: ObservedContainer | undefined;
  #step: StepWriter | undefined;
  /** Undefined until there is a log. */
  #followed: Promise<void> | undefined;
  /** The log cannot be read now, or the runner API is too slow for it. */
  #isBehind = false;
  #lastNewsMs = 0;

  /** @param index the container's number in the job */
  constructor(service: Service, index: number, collection: Collection) {
    this.#service = service;
    this.#index = index;
    this.#collection = collection;
  }

  /** The name of the service's container. */
  get container(): string {
    return this.#service.container;
  }

  /** Whether nobody needs to wait for the container: it runs, or has ended, perhaps without ever running. */
  get isUnderWay(): boolean {
    return this.#hasLog || this.#container?.status?.state?.terminated !== undefined;
  }

  get #hasLog(): boolean {
    return this.#container !== undefined && hasRun(this.#container);
  }

  /** Looks at the Pod's containers. A log exists once its container has started. */
  look(containers: readonly ObservedContainer[]): void {
    this.#container = containers.find(({ name }) => name === this.#service.container);
    if (this.#hasLog) this.#followed ??= this.#follow(this.#openStep());
  }

  /** Says in the service's step that the task begins without the service. */
  noteLate(): void {
    const waited = formatGoDurationMs(this.#collection.readinessLimitMs);
    const state = this.#container === undefined ? 'is not known to have started' : 'has not started';
    this.#openStep().write(`The service ${state} within ${waited}: the job begins without it.\n`);
  }

  /**
   * Resolves when there is nothing new to read: the log has ended, or was quiet for a while. A log that cannot be read
   * is not quiet.
   */
  async settle(): Promise<void> {
    this.#hurry.abort();
    this.#step?.hurry();
    const over = new AbortController();
    const quiet = async () => {
      do await delay(quietMs, over.signal);
      while (!over.signal.aborted && (this.#isBehind || performance.now() - this.#lastNewsMs < quietMs));
    };
    await Promise.race([this.#followed, quiet()]);
    over.abort();
  }

  /** Ends the step after everything that was read. */
  async end(): Promise<void> {
    this.#end.abort();
    await this.#followed;
    if (this.#isBehind) this.#step?.write('\n(The rest of the output was not read in time.)\n');
    await this.#step?.end('success');
  }

  #openStep(): StepWriter {
    const { logger, steps, taskToken } = this.#collection;
    const { attributes, id } = serviceStep(this.#index, this.#service.image);
    this.#step ??= new StepWriter(steps, { taskToken, id }, attributes, defaultStepPolicy, (error) =>
      logger.warn('output of a service was lost', { container: this.#service.container, error }),
    );
    return this.#step;
  }

  async #follow(step: StepWriter): Promise<void> {
    const { client, logger, pod } = this.#collection;
    const { container } = this.#service;
    const followed = {
      pod,
      container,
      mayWrite: () => this.#container?.status?.state?.terminated === undefined,
      backoff: defaultBackoff,
      hurry: this.#hurry.signal,
      onOpen: () => this.#catchUp(),
      onStale: () => {
        this.#isBehind = true;
      },
      onTrouble: (error: unknown) => {
        this.#isBehind = true;
        logger.warn('the log of a service cannot be read', { container, error });
      },
    };
    for await (const { text } of followLog(client, followed, this.#end.signal)) {
      step.write(text);
      step.write(lineFeed);
      // The kubelet keeps the unread rest.
      this.#isBehind = true;
      await step.room(this.#end.signal);
      this.#catchUp();
    }
  }

  #catchUp(): void {
    if (this.#isBehind) this.#lastNewsMs = performance.now();
    this.#isBehind = false;
  }
}
