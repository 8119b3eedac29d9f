import type { Connections } from './connection.ts';
import { type Answer, type OutgoingRequest, sendOnce } from './send-once.ts';

/** The attempts of one call. */
export class Attempts {
  readonly #request: OutgoingRequest;
  readonly #connections: Connections;
  readonly #signal: AbortSignal;
  readonly #observe: (status: number) => void;
  #count = 0;
  #isUncertain = false;

  /**
   * @param signal ends the running attempt at once
   * @param observe called after each attempt, with the status of the answer, or 0 if there was none
   */
  constructor(
    request: OutgoingRequest,
    connections: Connections,
    signal: AbortSignal,
    observe: (status: number) => void,
  ) {
    this.#request = request;
    this.#connections = connections;
    this.#signal = signal;
    this.#observe = observe;
  }

  /** Whether an attempt may have had its effect without an answer that says so. */
  get isUncertain(): boolean {
    return this.#isUncertain;
  }

  /** @param limitMs the time for the whole attempt. @throws as {@link sendOnce} */
  async make(limitMs: number): Promise<Answer> {
    const connection = this.#connections.take(this.#request.keepsConnection && this.#count++ === 0);
    let isInDoubt = false;
    const onSent = () => {
      isInDoubt = true;
    };
    try {
      const answer = await sendOnce(this.#request, connection, limitMs, this.#signal, onSent);
      this.#observe(answer.status);
      // A gateway may have got no answer, and a server may fail after it has acted (RFC 9110, 15.6).
      isInDoubt = answer.status >= 500;
      return answer;
    } catch (error) {
      if (!this.#signal.aborted) this.#observe(0);
      throw error;
    } finally {
      this.#isUncertain ||= isInDoubt && this.#request.method === 'POST';
      await this.#connections.leave(connection);
    }
  }
}
