import type { ProgrammedAnswer } from '../../runner-api/programmed-answer.ts';
import { drawPassing } from '../passing-answer.ts';
import type { Random } from '../random.ts';

/** The calls that a task makes. */
export type TaskCall = 'unclaim' | 'fail';

/** The answers of the runner API, attempt by attempt. All further attempts get the last answer. */
export function drawAnswers(random: Random): Record<TaskCall, readonly ProgrammedAnswer[]> {
  return { unclaim: drawCall(random, 'unclaim'), fail: drawCall(random, 'fail') };
}

function drawCall(random: Random, call: TaskCall): ProgrammedAnswer[] {
  const faults = random.chance(0.6) ? 0 : random.integer(1, 4);
  return [...Array.from({ length: faults }, () => drawPassing(random)), drawFinal(random, call)];
}

function drawFinal(random: Random, call: TaskCall): ProgrammedAnswer {
  return random.weighted<ProgrammedAnswer>([
    [12, () => ({ status: random.pick([200, 200, 201, 202, 204]) })],
    [1, () => ({ delayMs: random.integer(1, 1000) })],
    [1, () => ({ interim: [100, 103] })],
    [1, () => ({ fault: random.pick(['hang-after-headers', 'reset-after-headers', 'drip', 'endless']) })],
    [call === 'unclaim' ? 3 : 1, () => ({ status: 409 })],
    [2, () => ({ status: random.pick([400, 401, 403, 404, 410, 422]) })],
    [0.5, () => ({ status: random.pick([301, 302, 307, 308]), headers: { location: '/elsewhere' } })],
    // For a whole minute.
    [0.1, () => ({ status: 500 })],
    [0.1, () => ({ fault: 'hang' })],
  ]);
}

/** The course of a call: whether it is accepted, whether the answer was 409, and the number of attempts. */
export interface Course {
  readonly taken: boolean;
  readonly status: number | undefined;
  /** Undefined: as many as fit into a minute. */
  readonly attempts: number | undefined;
}

/**
 * The course for a client that follows the contract: any status is final, whatever follows it, unless the server
 * is at fault or asks for another try.
 */
export function courseOf(answers: readonly ProgrammedAnswer[]): Course {
  const index = answers.findIndex((answer) => statusOf(answer) !== undefined && !isPassing(answer));
  const status = statusOf(answers[index] ?? {});
  if (index === -1) return { taken: false, status: undefined, attempts: undefined };
  return { taken: isTaken(answers[index] ?? {}), status, attempts: index + 1 };
}

/** Whether the answer tells the client that its call was accepted. */
export function isTaken(answer: ProgrammedAnswer): boolean {
  const status = statusOf(answer);
  return status !== undefined && status >= 200 && status <= 299;
}

function isPassing(answer: ProgrammedAnswer): boolean {
  const status = statusOf(answer);
  return status === undefined || status >= 500 || [408, 425, 429].includes(status);
}

/** The status that reaches the client, if there is one. */
function statusOf({ status = 200, fault }: ProgrammedAnswer): number | undefined {
  return fault === 'hang' || fault === 'reset' || fault === 'close' || fault === 'garbage'
    ? undefined
    : status;
}
