import type { ProgrammedAnswer } from './programmed-answer.ts';
import type { ReceivedRequest } from './received-requests.ts';
import { type FakeCall, routes } from './routes.ts';

/**
 * The answers to each call: the n-th attempt of each task gets the n-th answer. Further attempts get the last
 * one.
 */
export type Answers = Partial<Readonly<Record<FakeCall, readonly ProgrammedAnswer[]>>>;

/** The answers of a fake runner API. The default is an empty 200. */
export class AnswerScript {
  readonly #answers = new Map<string, readonly ProgrammedAnswer[]>();

  constructor(answers: Answers = {}) {
    for (const { call } of routes) this.program(call, answers[call] ?? []);
  }

  /**
   * @param key the key of the requests: see ReceivedRequest. Without a key, the answers are for all tasks without their own
   */
  program(call: FakeCall, answers: readonly ProgrammedAnswer[], key?: string): void {
    this.#answers.set(key === undefined ? call : `${call} ${key}`, answers);
  }

  answerTo({ call, key, attempt }: ReceivedRequest): ProgrammedAnswer {
    if (call === undefined) return { status: 404 };
    const answers = this.#answers.get(`${call} ${key}`) ?? this.#answers.get(call) ?? [];
    return answers[Math.min(attempt, answers.length) - 1] ?? {};
  }
}
