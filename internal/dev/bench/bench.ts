import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { repository } from '../../packer/repository.ts';
import { median } from '../median.ts';
import { startAndRest, work } from './controller.ts';
import {
  drain,
  type Figures,
  liveAtRest,
  liveInStorm,
  ordinaryStream,
  relay,
  rest,
  signal,
  startAndExit,
  stream,
  withJson,
} from './measures.ts';
import { reportOfFailure } from './report-failure.ts';
import { buildProbes, type Subject } from './subjects.ts';

type Name = Subject | 'cat' | 'container-agent';

/**
 * The measurements, the programs to compare, and the number of runs. A measurement that takes long but almost
 * no CPU runs for all programs at the same time.
 */
const plan: readonly {
  readonly names: readonly Name[];
  readonly runs: number;
  readonly measure: (name: never) => Promise<Figures>;
  readonly together?: true;
}[] = [
  { names: ['orchestrator', 'node', 'tini', 'dumb-init', 'catatonit'], runs: 21, measure: startAndExit },
  { names: ['orchestrator'], runs: 21, measure: withJson },
  { names: ['orchestrator'], runs: 11, measure: reportOfFailure },
  { names: ['orchestrator', 'tini'], runs: 11, measure: drain },
  ...(isRealTime() ? [{ names: ['orchestrator', 'tini'] as const, runs: 11, measure: stream }] : []),
  { names: ['orchestrator', 'tini'], runs: 11, measure: ordinaryStream },
  { names: ['orchestrator', 'cat'], runs: 15, measure: relay },
  { names: ['orchestrator', 'tini', 'dumb-init', 'catatonit'], runs: 11, measure: signal },
  { names: ['orchestrator'], runs: 11, measure: liveAtRest },
  { names: ['orchestrator'], runs: 11, measure: liveInStorm },
  {
    names: ['orchestrator', 'node', 'tini', 'dumb-init', 'catatonit'],
    runs: 11,
    measure: rest,
    together: true,
  },
  { names: ['container-agent'], runs: 5, measure: startAndRest },
  { names: ['container-agent'], runs: 3, measure: work },
];

const rows = [
  ['start', 'start to the agent’s first instruction, ms', '≤ 1.2 × node'],
  ['startWithJson', 'the same with log lines as JSON, ms', ''],
  ['exit', 'agent’s end to the end, ms', '≤ 20 more than tini'],
  ['report', 'end of an agent that fails to the end, with a report by TLS, ms', ''],
  ['reportPeak', 'the most memory that a cgroup is charged for that, MiB', '≤ 28'],
  ['drain', '10,000 ready zombies, ms', '≤ 2 × tini'],
  ['peak', 'most zombies in a stream of 10,000 orphans, real-time priority', 'as tini'],
  ['ordinaryPeak', 'most zombies in a stream of 10,000 orphans, ordinary priority', 'as tini'],
  ['relay', 'stderr passed on, MB/s', '≥ 0.5 × cat'],
  ['signal', 'signal to the handler, ms', '≤ 2 more than tini'],
  ['live', '`/live`, 1,000 new connections a second, at rest: p99, ms', ''],
  ['liveInStorm', 'the same while 10,000 orphans die: p99, ms', '< 50'],
  ['wakeups', 'wake-ups a second at rest', '0'],
  ['cpu', 'CPU at rest, ms/s', '0'],
  ['anonymous', 'anonymous memory at rest, MiB', '≤ 12'],
  ['anonymousWithJson', 'the same with log lines as JSON, MiB', ''],
  ['resident', 'resident memory at rest, MiB', '≤ 60'],
  ['charged', 'memory at rest that a cgroup is charged, the task’s included, MiB', ''],
] as const;

const rowsOfController = [
  ['ready', 'start to `/ready`, ms', '≤ 1500'],
  ['atReady', 'resident memory then, MiB', '≤ 110'],
  ['resident', 'resident memory after 15 s with nothing to do, MiB', '≤ 110'],
  ['anonymous', 'anonymous memory then, MiB', ''],
  ['most', 'most resident memory with 1,000 tasks at a time, MiB', ''],
  ['cpuOfTask', 'CPU for each of these tasks, ms', ''],
] as const;

const results = new Map<string, Map<Name, number[]>>();

function add(name: Name, figures: Figures): void {
  for (const [figure, value] of Object.entries(figures)) {
    const of = results.get(figure) ?? new Map<Name, number[]>();
    results.set(figure, of);
    of.set(name, [...(of.get(name) ?? []), value]);
  }
}

async function run(name: Name, measure: (name: never) => Promise<Figures>): Promise<void> {
  try {
    add(name, await measure(name as never));
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}

await buildProbes();
for (const { names, runs, measure, together } of plan) {
  for (let round = 0; round < runs; round++) {
    if (together) await Promise.all(names.map((name) => run(name, measure)));
    else for (const name of names) await run(name, measure);
  }
}

function show(value: number): string {
  return Number.isNaN(value) ? 'n/a' : value.toFixed(1);
}

const peers = ['node', 'tini', 'dumb-init', 'catatonit', 'cat'] as const;
const lines = rows.map(([figure, title, goal]) => {
  const of = results.get(figure);
  const ours = median(of?.get('orchestrator') ?? []);
  const cell = (name: Name) => {
    const values = of?.get(name);
    if (values === undefined) return '';
    const value = median(values);
    return `${value.toFixed(1)}${value > 0.05 ? ` (${(ours / value).toFixed(2)} ×)` : ''}`;
  };
  return `| ${[title, show(ours), ...peers.map(cell), goal].join(' | ')} |`;
});
const linesOfController = rowsOfController.map(
  ([figure, title, goal]) =>
    `| ${title} | ${show(median(results.get(figure)?.get('container-agent') ?? []))} | ${goal} |`,
);
const text = [
  '# Benchmarks',
  '',
  'Written by `./do bench`. Medians of 11 interleaved runs or more, of container-agent 3 or 5; in brackets the orchestrator’s figure as a',
  'multiple of it.',
  '',
  `Machine: ${cpus().length} × ${cpus()[0]?.model}, Linux ${release()}, load ${loadavg()[0]?.toFixed(1)} at the end, ${isRealTime() ? 'all of it under chrt -f, without which others would be measured as well' : 'ordinary priority'}.`,
  '',
  `| measure | orchestrator | ${peers.join(' | ')} | goal |`,
  `|---|${'---|'.repeat(peers.length + 2)}`,
  ...lines,
  '',
  'n/a: could not be measured on this machine. Real-time priority needs `chrt -f 50 ./do bench`; a memory cgroup needs root outside',
  'of containers. A cgroup is charged for the pages of files that nobody has read before: here there are none, as every program has',
  'run already. A request to `/live` is timed from when it was due.',
  '',
  '| measure | container-agent | goal |',
  '|---|---|---|',
  ...linesOfController,
  '',
  'The Kubernetes API and the runner API are fakes in another process of this machine. A task that counts here has a Secret, a Pod that',
  'ends well, and the step “Task lifecycle”. [Memory of container-agent](decisions/memory-of-container-agent.md) explains the figures.',
  '',
].join('\n');
writeFileSync(join(repository, 'docs', 'benchmarks.md'), text);
console.log(text);

/** The scheduling policy is field 41 of proc_pid_stat(5); 0 is the ordinary one. */
function isRealTime(): boolean {
  const [, fields = ''] = readFileSync('/proc/self/stat', 'latin1').split(') ');
  return fields.split(' ')[38] !== '0';
}
