import type { ProgrammedAnswer } from '../../runner-api/programmed-answer.ts';
import type { FakeCall } from '../../runner-api/routes.ts';
import { drawPassing } from '../passing-answer.ts';
import type { Random } from '../random.ts';

/** The runner API's answers to the claims of a class, in order. */
export function drawClaimAnswers(random: Random, count: number): ProgrammedAnswer[] {
  return Array.from({ length: count }, () =>
    random.weighted<ProgrammedAnswer>([
      [40, () => ({})],
      [2, () => ({ delayMs: random.integer(1, 500) })],
      [1, () => ({ status: 429, headers: { 'Retry-After': '1' } })],
      [1, () => ({ status: random.pick([500, 502, 503]) })],
      [0.3, () => ({ status: 503, fault: 'reset' })],
      // The task is given away, but the answer is lost.
      [0.1, () => ({ fault: random.pick(['reset', 'close', 'garbage', 'reset-after-headers']) })],
    ]),
  );
}

const answered: readonly FakeCall[] = [
  'task-configuration',
  'unclaim',
  'fail',
  'step-start',
  'step-output',
  'step-end',
];

/** The runner API's answers to the calls of one task. Most are undisturbed. */
export function drawTaskAnswers(random: Random): Partial<Record<FakeCall, ProgrammedAnswer[]>> {
  if (random.chance(0.6)) return {};
  return Object.fromEntries(
    answered.filter(() => random.chance(0.3)).map((call) => [call, [...drawFaults(random), {}]]),
  );
}

function drawFaults(random: Random): ProgrammedAnswer[] {
  return Array.from({ length: random.integer(1, 3) }, (_, position) => {
    // The call has its effect, but its answer is lost.
    if (random.chance(0.3)) return { fault: random.pick(['reset', 'close']) };
    // Not the runner API's answer. A second 404 in a row would be believed.
    if (position === 0 && random.chance(0.3))
      return { status: random.pick([302, 403, 404]), body: '<html></html>' };
    const passing = drawPassing(random);
    // Silence lasts as long as the client waits. A call without an answer must have no effect here.
    return {
      ...passing,
      ...(passing.fault === 'hang' ? { fault: 'reset' } : {}),
      status: passing.status ?? 503,
    };
  });
}
