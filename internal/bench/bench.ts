import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { type Figures, median, reap, relay, rest, signal, startAndExit } from './measures.ts';
import { buildProbe, type Subject } from './subjects.ts';

type Name = Subject | 'cat';

/** What is measured, beside whom, how often, and what is wanted of the orchestrator. */
const plan: readonly {
  readonly names: readonly Name[];
  readonly runs: number;
  readonly measure: (name: never) => Promise<Figures>;
}[] = [
  { names: ['orchestrator', 'node', 'tini', 'dumb-init', 'catatonit'], runs: 15, measure: startAndExit },
  { names: ['orchestrator', 'tini'], runs: 3, measure: reap },
  { names: ['orchestrator', 'cat'], runs: 5, measure: relay },
  { names: ['orchestrator', 'tini'], runs: 3, measure: signal },
  { names: ['orchestrator', 'node', 'tini', 'dumb-init'], runs: 1, measure: rest },
];

const rows = [
  ['start', 'start to the agent’s first instruction, ms', '≤ 1.2 × node'],
  ['exit', 'agent’s end to the end, ms', '≤ 20 more than tini'],
  ['drain', '10,000 ready zombies, ms', '≤ 2 × tini'],
  ['peak', 'most zombies in a stream of 10,000 orphans', 'as tini'],
  ['relay', 'stderr passed on, MB/s', '≥ 0.5 × cat'],
  ['signal', 'signal to the handler, ms', '≤ 2 more than tini'],
  ['wakeups', 'wake-ups a second at rest', '0'],
  ['cpu', 'CPU at rest, ms/s', '0'],
  ['anonymous', 'anonymous memory at rest, MB', '≤ 12'],
  ['resident', 'resident memory at rest, MB', '≤ 60'],
] as const;

const results = new Map<string, Map<Name, number[]>>();

function add(name: Name, figures: Figures): void {
  for (const [figure, value] of Object.entries(figures)) {
    const of = results.get(figure) ?? new Map<Name, number[]>();
    results.set(figure, of);
    of.set(name, [...(of.get(name) ?? []), value]);
  }
}

await buildProbe();
for (const { names, runs, measure } of plan) {
  for (let run = 0; run < runs; run++) {
    for (const name of names) {
      try {
        add(name, await measure(name as never));
      } catch (error) {
        console.error(`${name}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
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
  return `| ${[title, ours.toFixed(1), ...peers.map(cell), goal].join(' | ')} |`;
});
const text = [
  '# Benchmarks',
  '',
  'Written by `./do bench`. Medians of interleaved runs; in brackets the orchestrator’s figure as a multiple of it.',
  '',
  `Machine: ${cpus().length} × ${cpus()[0]?.model}, Linux ${release()}, load ${loadavg()[0]?.toFixed(1)} at the end, ${isRealTime() ? 'all of it under chrt -f, without which others would be measured as well' : 'ordinary priority'}.`,
  '',
  `| measure | orchestrator | ${peers.join(' | ')} | goal |`,
  `|---|${'---|'.repeat(peers.length + 2)}`,
  ...lines,
  '',
].join('\n');
writeFileSync(join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md'), text);
console.log(text);

/** The scheduling policy is field 41 of proc_pid_stat(5); 0 is the ordinary one. */
function isRealTime(): boolean {
  const [, fields = ''] = readFileSync('/proc/self/stat', 'latin1').split(') ');
  return fields.split(' ')[38] !== '0';
}
