import type { Step, StepAttributes, StepResult } from '../../clients/runner/calls/steps.ts';
import { Doubt, type DoubtPolicy } from '../../clients/runner/repeat-call.ts';
import type { StepApi } from '../../clients/runner/runner-api.ts';
import { isGone, isRefused, mayBeAccepted } from '../../clients/runner/runner-api-error.ts';
import { pauseAfter } from '../../internal/back-off.ts';
import { atMost } from '../../internal/delay.ts';

/** Output is sent when it is this old, or when there is this much of it. */
const flushMs = 500;
const flushBytes = 8192;
/** The limit of output that waits for a slow or missing API. More is dropped, bytes. */
const mostBytes = 1 << 20;
/** From this amount on, a writer that can wait should wait, bytes. */
const muchBytes = mostBytes / 2;
/** The time for the rest of the output at a task's end, ms. A slow API must not delay the report of the end. */
const endLimitMs = 5000;

/**
 * Writes the output of one step to the runner API, in order and in pieces. Writing neither waits nor throws: output
 * that cannot be sent is lost, and `onTrouble` gets the error. Nothing is sent once the runner API no longer knows the
 * task, or the step's end has taken too long: a step never ends later than its task. An answer that a proxy may have
 * given is not believed at once, unless `hurry` was called.
 */
export class StepWriter {
  readonly #api: StepApi;
  readonly #step: Step;
  readonly #attributes: StepAttributes;
  readonly #policy: DoubtPolicy;
  readonly #onTrouble: (error: unknown) => void;
  #chain: Promise<unknown>;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #waitingBytes = 0;
  #dropped = 0;
  #sequence = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStarted = false;
  #mayBeStarted = false;
  #ended = false;
  readonly #hurry = new AbortController();
  readonly #over = new AbortController();

  constructor(
    api: StepApi,
    step: Step,
    attributes: StepAttributes,
    policy: DoubtPolicy,
    onTrouble: (error: unknown) => void,
  ) {
    this.#api = api;
    this.#step = step;
    this.#attributes = attributes;
    this.#policy = policy;
    this.#onTrouble = onTrouble;
    this.#chain = this.#start();
  }

  write(output: Buffer | string): void {
    if (this.#ended) return;
    const piece = typeof output === 'string' ? Buffer.from(output) : output;
    if (this.#waitingBytes + this.#bytes + piece.length > mostBytes) {
      this.#dropped += piece.length;
      return;
    }
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes >= flushBytes) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), flushMs);
  }

  /** Waits while much output is unsent, or until the signal aborts. */
  async room(signal: AbortSignal): Promise<void> {
    if (this.#waitingBytes < muchBytes || signal.aborted) return;
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const abort = () => resolve();
    signal.addEventListener('abort', abort, { once: true });
    await Promise.race([this.#chain, aborted]);
    signal.removeEventListener('abort', abort);
  }

  /** To be called when the task is over: from now on, answers are believed. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** Sends the rest and ends the step, within a time limit or until the signal aborts. Later output is ignored. */
  async end(result: StepResult, stop?: AbortSignal, limitMs = endLimitMs): Promise<void> {
    if (this.#ended) return;
    if (this.#dropped > 0) {
      this.#pieces.push(
        Buffer.from(
          `\n(${this.#dropped} bytes were left out, as the runner API did not take them in time)\n`,
        ),
      );
    }
    this.#ended = true;
    this.#flush();
    const { signal } = this.#over;
    this.#chain = this.#chain.then(() => this.#send(() => this.#api.end(this.#step, result, signal)));
    await atMost(limitMs, this.#chain, stop);
    this.#over.abort();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const output = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    // The limit of one call.
    for (let start = 0; start < output.length; start += flushBytes) {
      const part = output.subarray(start, start + flushBytes);
      const sequence = this.#sequence++;
      this.#waitingBytes += part.length;
      this.#chain = this.#chain.then(async () => {
        await this.#send(() => this.#api.output(this.#step, sequence, part, this.#over.signal));
        this.#waitingBytes -= part.length;
      });
    }
  }

  /**
   * Starts the step, unless it is started. A step that is refused counts as started if the answer to an earlier try was
   * lost: that may have started it.
   *
   * @returns why it could not be started
   */
  async #start(): Promise<unknown> {
    if (this.#isStarted) return undefined;
    return await this.#try(async () => {
      try {
        await this.#api.start(this.#step, this.#attributes, this.#over.signal);
        this.#isStarted = true;
      } catch (error) {
        this.#isStarted = this.#mayBeStarted && isRefused(error);
        this.#mayBeStarted ||= mayBeAccepted(error);
        if (!this.#isStarted) throw error;
      }
    });
  }

  /** Output is lost if the step cannot be started: the answer 404 to it would not mean that the task is gone. */
  async #send(call: () => Promise<void>): Promise<void> {
    const failed = await this.#start();
    const error = this.#isStarted ? await this.#try(call) : failed;
    if (error !== undefined) this.#onTrouble(error);
  }

  /** @returns the last error. Undefined: it has succeeded, or nobody needs it any more */
  async #try(call: () => Promise<void>): Promise<unknown> {
    const doubt = new Doubt(this.#policy.doubtMs);
    const hurry = this.#hurry.signal;
    for (let failures = 1; !this.#over.signal.aborted; failures++) {
      try {
        await call();
        return undefined;
      } catch (error) {
        const doubtMs = hurry.aborted ? 0 : doubt.note(error);
        if (doubtMs === 0) {
          if (!isGone(error)) return error;
          this.#over.abort();
          this.#onTrouble(error);
          return undefined;
        }
        await pauseAfter(failures, this.#policy, error, AbortSignal.any([hurry, this.#over.signal]), doubtMs);
      }
    }
    return undefined;
  }
}
