import type { ProgrammedAnswer } from '../runner-api/programmed-answer.ts';
import type { Random } from './random.ts';

/** An answer of the runner API that makes a client try again. */
export function drawPassing(random: Random): ProgrammedAnswer {
  return random.weighted<ProgrammedAnswer>([
    [4, () => ({ status: random.pick([408, 425, 429, 500, 502, 503, 504, 599]) })],
    [1, () => ({ status: 503, delayMs: random.integer(1, 300) })],
    [1, () => ({ fault: 'reset' })],
    [1, () => ({ fault: 'close' })],
    [1, () => ({ fault: 'garbage' })],
    [1, () => ({ status: 500, fault: random.pick(['reset-after-headers', 'hang-after-headers', 'drip']) })],
    [0.1, () => ({ fault: 'hang' })],
  ]);
}
