import type { ProgrammedAnswer } from '../../runner-api/programmed-answer.ts';
import type { Life } from '../../testing/namespaces.ts';
import type { Reader } from '../../testing/output.ts';
import type { Random } from '../random.ts';
import { drawAnswers, type TaskCall } from './plan-answers.ts';
import { type ChildPlan, drawAgent, drawEntrypoint } from './plan-children.ts';
import { type Disturbance, drawDisturbances } from './plan-disturbances.ts';
import type { Surrounding } from './surroundings.ts';

/** The time of the readiness file. 'none': the task does not wait for one. */
export type Readiness = 'none' | 'there' | 'late' | 'never';

/** Everything that is decided before a task starts. It is data, so it can be printed and repeated. */
export interface Plan {
  readonly life: Life;
  readonly surrounding: Surrounding;
  readonly agent: ChildPlan;
  readonly entrypoint: ChildPlan | undefined;
  readonly readiness: Readiness;
  readonly retries: boolean;
  readonly switchUser: boolean;
  readonly logFormat: 'text' | 'json';
  readonly graceMs: number;
  readonly delayMs: number;
  readonly answers: Readonly<Record<TaskCall, readonly ProgrammedAnswer[]>>;
  readonly readers: { readonly stdout: Reader; readonly stderr: Reader };
  /** The kind of stdout and stderr: pipes as from container engines, or sockets. */
  readonly pipes: 'fifo' | 'socket';
  readonly disturbances: readonly Disturbance[];
}

export interface Possibilities {
  /** Users can be switched. */
  readonly isRoot: boolean;
  readonly surroundings: readonly Surrounding[];
}

/** Draws a plan. If something is not possible, the rest of the plan stays the same. */
export function drawPlan(random: Random, { isRoot, surroundings }: Possibilities): Plan {
  const life = random.pick(['ordinary', 'pid 1', 'pid 1', 'under an init'] as const);
  const wished = random.pick<Surrounding>([
    ...(['usual', 'usual', 'usual', 'usual', 'usual', 'usual', 'usual', 'usual'] as const),
    ...(['other clocks', 'little memory', 'few descriptors', 'ignored signals'] as const),
  ]);
  const surrounding = surroundings.includes(wished) ? wished : 'usual';
  const agent = drawAgent(random, { life, surrounding });
  const entrypoint = random.chance(0.35) ? drawEntrypoint(random) : undefined;
  const readiness = random.weighted<Readiness>([
    [12, () => 'none'],
    [2, () => 'there'],
    [2, () => 'late'],
    [1, () => 'never'],
  ]);
  const readers = { stdout: drawReader(random), stderr: drawReader(random) };
  // A task that waits for ever, for the readiness file or for its reader, has to be ended.
  const endless =
    readiness === 'never' ||
    agent.end === 'never' ||
    (agent.writes !== undefined && (readers.stdout === 'stalled' || readers.stderr === 'stalled'));
  return {
    life,
    surrounding,
    agent,
    entrypoint,
    readiness,
    readers,
    retries: random.chance(0.3),
    switchUser: random.chance(0.1) && isRoot,
    logFormat: random.pick(['text', 'text', 'json']),
    graceMs: random.pick([0, 0, 50, 300, 1000]),
    delayMs: random.pick([0, 0, 0, 100]),
    answers: drawAnswers(random),
    pipes: random.pick(['fifo', 'fifo', 'fifo', 'socket']),
    disturbances: drawDisturbances(random, endless),
  };
}

function drawReader(random: Random): Reader {
  return random.weighted<Reader>([
    [14, () => 'reads'],
    [2, () => 'slow'],
    [1, () => 'stalled'],
    [1, () => 'vanishes'],
  ]);
}
