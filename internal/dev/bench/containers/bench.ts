import { median } from '../../median.ts';
import { executable } from '../../testing/executable.ts';
import { type BenchImages, buildBenchImages } from './bench-images.ts';
import { initContainer, type MemoryAtRest, memoryAtRest, startToAgent } from './measure.ts';

/*
 * Measures the orchestrator in containers, in turns with the simplest alternatives: bare Node, busybox cp.
 * Prints medians, and whether they are within their limits. Arguments select measurements: `start`, `init`,
 * `memory`.
 */

const rounds = { start: 21, init: 11, memory: 3 };

interface Line {
  readonly what: string;
  readonly value: number;
  readonly peer?: number;
  readonly unit: string;
  /** Of the value, or of its ratio to the peer's. */
  readonly limit: number;
}

/** Measures each in turn, so other work of the machine affects both. */
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
  await using images = await buildBenchImages(executable);
  const named = process.argv.slice(2);
  const parts = Object.entries({ start: measureStart, init: measureInit, memory: measureMemory });
  const lines: Line[] = [];
  for (const [name, measure] of parts) {
    if (named.length === 0 || named.includes(name)) lines.push(...(await measure(images)));
  }
  process.exitCode = print(lines) ? 0 : 1;
}

async function measureStart(images: BenchImages): Promise<Line[]> {
  const { orchestrator, node } = await inTurns(rounds.start, ['orchestrator', 'node'], (program) =>
    startToAgent(images, program),
  );
  const [value, peer] = [median(orchestrator), median(node)];
  return [{ what: 'start to the agent, beside bare Node', value, peer, unit: 'ms', limit: 1.6 }];
}

async function measureInit(images: BenchImages): Promise<Line[]> {
  const { orchestrator, cp } = await inTurns(rounds.init, ['orchestrator', 'cp'], (program) =>
    initContainer(images, program),
  );
  const [value, peer] = [median(orchestrator), median(cp)];
  return [{ what: 'init with 0.05 CPU and 64 MiB, beside busybox cp', value, peer, unit: 'ms', limit: 1.5 }];
}

async function measureMemory(images: BenchImages): Promise<Line[]> {
  const samples = await inTurns(rounds.memory, ['orchestrator', 'node'], (program) =>
    memoryAtRest(images, program),
  );
  const medianOf = (kind: keyof MemoryAtRest, program: 'orchestrator' | 'node') =>
    median(samples[program].map((sample) => sample[kind]));
  const [anonymous, resident] = [medianOf('anonymous', 'node'), medianOf('resident', 'node')];
  console.log(`Bare Node at rest: ${anonymous.toFixed(1)} MB anonymous, ${resident.toFixed(1)} MB resident.`);
  return [
    { what: 'anonymous memory at rest', value: medianOf('anonymous', 'orchestrator'), unit: 'MB', limit: 16 },
    { what: 'resident memory at rest', value: medianOf('resident', 'orchestrator'), unit: 'MB', limit: 60 },
  ];
}

await main();
