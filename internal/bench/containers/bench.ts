import { join } from 'node:path';
import { hostArchitecture } from '../../launcher/architecture.ts';
import { initContainer, type Memory, memoryAtRest, startToAgent } from './measure.ts';
import { setStage } from './stage.ts';

/*
 * Measures the orchestrator in containers beside what would do the least instead, in turns: bare Node, busybox cp.
 * Prints medians, and whether they are within the limits that were set for them.
 */

const rounds = { start: 21, init: 5, memory: 3 };

interface Line {
  readonly what: string;
  readonly value: number;
  readonly peer?: number;
  readonly unit: string;
  /** Of the value, or of its ratio to the peer's. */
  readonly limit: number;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Measures each in turn, so that what the machine does beside hits both. */
async function inTurns<P extends string, T>(
  count: number,
  programs: readonly P[],
  measure: (program: P) => Promise<T>,
): Promise<Record<P, T[]>> {
  const results = Object.fromEntries(programs.map((program) => [program, [] as T[]])) as Record<P, T[]>;
  for (let round = -1; round < count; round++) {
    for (const program of programs) {
      const result = await measure(program);
      if (round >= 0) results[program].push(result); // The first fills the page cache.
    }
  }
  return results;
}

function print(lines: readonly Line[]): boolean {
  const rows = lines.map(({ what, value, peer, unit, limit }) => {
    const judged = peer === undefined ? value : value / peer;
    const ofPeer = peer === undefined ? '' : `${peer.toFixed(1)} ${unit}`;
    const ratio = peer === undefined ? '' : judged.toFixed(2);
    const verdict = judged <= limit ? 'within' : 'BEYOND';
    return { what, orchestrator: `${value.toFixed(1)} ${unit}`, peer: ofPeer, ratio, limit, verdict };
  });
  console.table(rows);
  return rows.every(({ verdict }) => verdict === 'within');
}

async function main(): Promise<void> {
  const built = join(
    import.meta.dirname,
    '..',
    '..',
    '..',
    'target',
    'bin',
    'linux',
    hostArchitecture(),
    'orchestrator',
  );
  await using stage = await setStage(process.env.ORCHESTRATOR ?? built);
  const start = await inTurns(rounds.start, ['orchestrator', 'node'], (program) =>
    startToAgent(stage, program),
  );
  const init = await inTurns(rounds.init, ['orchestrator', 'cp'], (program) => initContainer(stage, program));
  const memory = await inTurns(rounds.memory, ['orchestrator', 'node'], (program) =>
    memoryAtRest(stage, program),
  );
  const medianOf = (kind: keyof Memory, program: 'orchestrator' | 'node') =>
    median(memory[program].map((sample) => sample[kind]));
  const well = print([
    {
      ...{ what: 'start to the agent, beside bare Node', unit: 'ms', limit: 1.6 },
      ...{ value: median(start.orchestrator), peer: median(start.node) },
    },
    {
      ...{ what: 'init with 0.05 CPU and 64 MiB, beside busybox cp', unit: 'ms', limit: 1.5 },
      ...{ value: median(init.orchestrator), peer: median(init.cp) },
    },
    { what: 'anonymous memory at rest', value: medianOf('anonymous', 'orchestrator'), unit: 'MB', limit: 16 },
    { what: 'resident memory at rest', value: medianOf('resident', 'orchestrator'), unit: 'MB', limit: 60 },
  ]);
  const [anonymous, resident] = [medianOf('anonymous', 'node'), medianOf('resident', 'node')];
  console.log(`Bare Node at rest: ${anonymous.toFixed(1)} MB anonymous, ${resident.toFixed(1)} MB resident.`);
  process.exitCode = well ? 0 : 1;
}

await main();
