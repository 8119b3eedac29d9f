import type { Life } from '../../testing/namespaces.ts';
import type { Random } from '../random.ts';
import type { Surrounding } from './surroundings.ts';

/** The end of an undisturbed child. 'refused': it cannot be started. */
export type PlannedEnd =
  | { readonly exitCode: number }
  | { readonly signal: number }
  | 'never'
  | 'refused'
  | 'out of memory';

export interface ChildPlan {
  /** The fake agent's script. */
  readonly script: readonly string[];
  readonly end: PlannedEnd;
  /** The output that is so large that a stalled reader delays the child. */
  readonly writes?: 'stdout' | 'stderr';
  /** It prints the token to stderr. From there it may get everywhere except into the message. */
  readonly printsToken?: boolean;
}

const stubborn = ['ignore=all', 'forever'];
/** The signals that end a process by default, without a core file. */
const deadlySignals = [1, 2, 9, 10, 12, 13, 14, 15, 24, 26, 27, 29, 34, 40, 64] as const;

export function drawAgent(random: Random, place: { life: Life; surrounding: Surrounding }): ChildPlan {
  if (random.chance(0.06)) return { script: [], end: 'refused' };
  if (place.surrounding === 'little memory' && random.chance(0.5))
    return { script: [...drawPause(random), 'eat-memory=2000', 'exit=0'], end: 'out of memory' };
  const end = drawEnd(random);
  const output = drawOutput(random);
  const script = [
    ...drawPause(random),
    ...drawProcesses(random, place.life),
    ...output.script,
    ...drawPause(random),
  ];
  return { ...output, script: [...script, ...endVerbs(end)], end };
}

export function drawEntrypoint(random: Random): ChildPlan {
  if (random.chance(0.1)) return { script: [], end: 'refused' };
  const end = random.chance(0.5) ? ('never' as const) : drawEnd(random);
  const resists = random.chance(0.3) ? ['ignore=all'] : [];
  return {
    script: [...resists, ...drawPause(random), ...drawProcesses(random, 'ordinary'), ...endVerbs(end)],
    end,
  };
}

function drawEnd(random: Random): PlannedEnd {
  return random.weighted<PlannedEnd>([
    [5, () => ({ exitCode: 0 })],
    [3, () => ({ exitCode: random.integer(1, 255) })],
    [2, () => ({ signal: random.pick(deadlySignals) })],
    [2, () => 'never'],
  ]);
}

function endVerbs(end: PlannedEnd): string[] {
  if (end === 'never') return ['forever'];
  if (end === 'refused' || end === 'out of memory') return [];
  return 'signal' in end ? [`raise=${end.signal}`] : [`exit=${end.exitCode}`];
}

function drawPause(random: Random): string[] {
  return random.chance(0.5) ? [] : [`sleep=${random.integer(0, 300)}`];
}

function drawProcesses(random: Random, life: Life): string[] {
  const kinds: (readonly [number, () => string[]])[] = [
    [8, () => []],
    [3, () => [`orphans=${random.integer(1, 300)}`]],
    [1, () => [`late-orphans=${random.integer(1, 300)}`]],
    [2, () => ['fork', ...stubborn, 'end']],
    [2, () => ['daemon', ...stubborn, 'end']],
    [1, () => ['daemon', 'fork', ...stubborn, 'end', 'daemon', ...stubborn, 'end', 'exit=7', 'end']],
    [1, () => ['daemon', 'stop', 'forever', 'end']],
    [1, () => ['fork', 'stop', 'end']],
    [1, () => ['ignore=all']],
    [1, () => ['block=all']],
    [1, () => ['fork', `sleep=${random.integer(0, 200)}`, `exit=${random.integer(0, 255)}`, 'end', 'wait']],
  ];
  // If the orchestrator is not PID 1, it kills children one by one, and such a child can be faster.
  if (life === 'pid 1') kinds.push([1, () => ['runaway']]);
  return random.weighted(kinds);
}

function drawOutput(random: Random): Pick<ChildPlan, 'script' | 'writes' | 'printsToken'> {
  const flood = random.integer(70_000, 3_000_000);
  return random.weighted<Pick<ChildPlan, 'script' | 'writes' | 'printsToken'>>([
    [10, () => ({ script: ['stderr=a%20few%20words%0a'] })],
    [2, () => ({ script: [`stderr-bytes=${flood}`], writes: 'stderr' })],
    [1, () => ({ script: [`stderr-binary=${flood}`], writes: 'stderr' })],
    [1, () => ({ script: [`stdout=${'a%20line%0a'.repeat(200)}`] })],
    [1, () => ({ script: ['daemon', 'stderr-endless', 'end'], writes: 'stderr' })],
    [1, () => ({ script: ['into=/proc/self/fd/2', 'stdin-echo'], printsToken: true })],
    [1, () => ({ script: ['close=0', 'close=1', 'close=2'] })],
  ]);
}
