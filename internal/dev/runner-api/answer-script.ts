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
  readonly #programs = new Map<string, Program>();

  constructor(answers: Answers = {}) {
    for (const { call } of routes) this.program(call, answers[call] ?? []);
  }

  /**
   * Programs a call. Attempts are counted from here on.
   *
   * @param key the key of the requests: see ReceivedRequest. Without a key, the answers are for all tasks without
   * their own
   */
  program(call: FakeCall, answers: readonly ProgrammedAnswer[], key?: string): void {
    this.#programs.set(key === undefined ? call : `${call} ${key}`, { answers, given: new Map() });
  }

  /** The answer to the next attempt. */
  answerTo({ call, key }: ReceivedRequest): ProgrammedAnswer {
    if (call === undefined) return { status: 404 };
    const program = this.#programs.get(`${call} ${key}`) ?? this.#programs.get(call);
    if (program === undefined) return {};
    const { answers, given } = program;
    const count = given.get(key) ?? 0;
    given.set(key, count + 1);
    return answers[Math.min(count, answers.length - 1)] ?? {};
  }
}

interface Program {
  readonly answers: readonly ProgrammedAnswer[];
  /** How many were given, by the key of the requests. */
  readonly given: Map<string, number>;
}
