import type { ProgrammedAnswer } from './programmed-answer.ts';
import type { ReceivedRequest } from './received-requests.ts';
import { type FakeCall, routes } from './routes.ts';

/** By call: the n-th attempt of each task gets the n-th answer, all further ones the last. */
export type Answers = Partial<Readonly<Record<FakeCall, readonly ProgrammedAnswer[]>>>;

/** What a fake runner API answers; an empty 200 where nothing was programmed. */
export class AnswerScript {
  readonly #answers = new Map<string, readonly ProgrammedAnswer[]>();

  constructor(answers: Answers = {}) {
    for (const { call } of routes) this.program(call, answers[call] ?? []);
  }

  /** @param key whose calls; without it, everybody's for whom nothing else was programmed */
  program(call: FakeCall, answers: readonly ProgrammedAnswer[], key?: string): void {
    this.#answers.set(key === undefined ? call : `${call} ${key}`, answers);
  }

  answerTo({ call, key, attempt }: ReceivedRequest): ProgrammedAnswer {
    if (call === undefined) return { status: 404 };
    const answers = this.#answers.get(`${call} ${key}`) ?? this.#answers.get(call) ?? [];
    return answers[Math.min(attempt, answers.length) - 1] ?? {};
  }
}
