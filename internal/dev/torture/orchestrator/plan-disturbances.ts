import type { Random } from '../random.ts';

/** The start of a disturbance's time. */
export type Phase = 'spawned' | 'listening' | 'agent started' | 'termination' | 'request';

export type Abuse = 'flood' | 'slowloris' | 'garbage' | 'half-open' | 'reset';

export type Disturbance = {
  readonly after: Phase;
  readonly ms: number;
} & (
  | { readonly kind: 'signal'; readonly signal: number }
  | { readonly kind: 'kill'; readonly whom: 'orchestrator' | 'a child' | 'a descendant' }
  | { readonly kind: 'stop'; readonly forMs: number }
  | { readonly kind: 'health'; readonly abuse: Abuse; readonly connections: number }
);

type Deed = Disturbance extends infer D ? (D extends Disturbance ? Omit<D, 'after' | 'ms'> : never) : never;

const terminations = [15, 15, 2, 3] as const;
/** These are passed on, and deadly for most processes. 17 and 13 are not passed on. */
const strays = [1, 10, 12, 14, 17, 13, 18, 20, 23, 28, 34, 40, 64] as const;
const phases = ['spawned', 'listening', 'agent started', 'termination', 'request'] as const;

/**
 * @param endless only a termination ends this task
 */
export function drawDisturbances(random: Random, endless: boolean): Disturbance[] {
  const count = random.weighted([
    [5, () => 0],
    [3, () => 1],
    [1, () => 2],
    [0.5, () => 5],
  ]);
  const drawn = Array.from({ length: count }, (): Disturbance => {
    const act = drawAct(random);
    return { after: random.pick(phases), ms: drawMoment(random), ...act };
  });
  if (!endless) return drawn;
  return [
    ...drawn,
    { after: 'spawned', ms: random.integer(0, 1500), kind: 'signal', signal: random.pick(terminations) },
  ];
}

/** Most things go wrong right after something has begun. */
function drawMoment(random: Random): number {
  return random.chance(0.5) ? random.integer(0, 10) : random.integer(0, 400);
}

function drawAct(random: Random): Deed {
  return random.weighted<Deed>([
    [4, () => ({ kind: 'signal', signal: random.pick(terminations) })],
    [2, () => ({ kind: 'signal', signal: random.pick(strays) })],
    [2, () => ({ kind: 'kill', whom: random.pick(['a child', 'a descendant']) })],
    [1, () => ({ kind: 'kill', whom: 'orchestrator' })],
    [1, () => ({ kind: 'stop', forMs: random.integer(1, 300) })],
    [
      1,
      () => ({
        kind: 'health',
        abuse: random.pick(['flood', 'slowloris', 'garbage', 'half-open', 'reset']),
        connections: random.integer(1, 200),
      }),
    ],
  ]);
}
