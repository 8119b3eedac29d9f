import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { repository } from '../../../packer/repository.ts';
import { startCluster } from '../../cluster/start-cluster.ts';
import { onInterruption } from '../../interruption.ts';
import { wholeNumber } from '../../whole-number.ts';
import type { Figures } from '../measures.ts';
import { jobLengthOf, type Load, measureLoad, mostClaims } from './measure-load.ts';
import { measureQueue } from './measure-queue.ts';

/** A figure's name, its title, the goal in words, and whether a value is worse than the goal. */
type Row = readonly [string, string, string, ((value: number, all: Figures) => boolean)?];

const above = (most: number) => (value: number) => value > most;

const rowsOf = ({ claims, slots }: Load): readonly Row[] => [
  ['live', 'live tasks', slots.toLocaleString('en')],
  ['claims', 'claims a second', `${claims}`, (value) => value < claims * 0.975],
  ['memory', 'most resident memory, MiB', '≤ 190 (200 MB)', above(190)],
  ['growth', 'the most in the second half of the time, more than in the first, MiB', '≤ 10', above(10)],
  ['peak', 'the most at any moment, also while it takes tasks over, MiB', ''],
  ['cpu', 'CPU for a task, ms', '≤ 20', above(20)],
  ['requests', 'requests to the Kubernetes API for a task', '≤ 5', above(5)],
  ['underWay', 'requests that the API server works on for the replica at a time, average', ''],
  ['refused', 'requests that it refused with 429', '0', above(0)],
  ['apiServerCpu', "CPU of the API server for a task, with the fake kubelet's requests, ms", ''],
  ['etcdCpu', 'the same of etcd, ms', ''],
  ['toPodMedian', 'from the answer to a claim to the Pod, median, ms', ''],
  ['toPod', 'the same, p99, ms', '≤ 500', above(500)],
  ['left', 'tasks with a record when the controller is killed', ''],
  ['restart', 'from its start until all are taken over and it claims again, s', '≤ 10', above(10)],
  ['takenOver', 'tasks that it has taken over', 'all', (value, { left }) => value !== left],
  ['queueAverage', '128 tasks at once, 80 at a time: average time in the queue, s', '23.5 (CircleCI)'],
  ['queueLongest', 'the same, longest, s', '93.8 (CircleCI)'],
];

const file = join(repository, 'docs', 'scale.md');
const to = '<!-- end of the figures -->';

/** Replaces the figures on the page, which has those of an hour in their own place, and says which goals were missed. */
function write(figures: Figures, load: Load): void {
  const { oldEvents, seconds } = load;
  const from = `<!-- figures of ./do bench runner${seconds < 3600 ? '' : ' for an hour'} -->\n`;
  const rows = rowsOf(load);
  const [cpu] = cpus();
  const table = [
    `Machine: ${cpus().length} × ${cpu?.model}, Linux ${release()}, load ${loadavg()[0]?.toFixed(1)} at the end; ${seconds} s of churn${oldEvents === 0 ? '' : `; ${oldEvents} events of earlier tasks`}.`,
    '',
    '| measure | one replica | goal |',
    '|---|---|---|',
    ...rows.map(([name, title, goal]) => `| ${title} | ${figures[name]?.toFixed(1) ?? 'n/a'} | ${goal} |`),
    '',
  ].join('\n');
  const page = readFileSync(file, 'utf8');
  const [before = '', rest = ''] = page.split(from);
  const after = rest.slice(rest.indexOf(to));
  writeFileSync(file, `${before}${from}\n${table}\n${after}`);
  console.log(table);
  for (const [name, title, goal, isWorse] of rows) {
    if (isWorse?.(figures[name] ?? Number.NaN, figures) !== true) continue;
    console.error(`missed: ${title}: ${goal}`);
    process.exitCode = 1;
  }
}

const command = new Command('bench runner')
  .option('--seconds <N>', 'the time of churn', wholeNumber(2), 120)
  .option('--tasks <N>', 'how many tasks live', wholeNumber(1), 1000)
  .option('--claims <N>', 'how many are claimed each second', wholeNumber(1), 20)
  .option('--events <N>', 'how many events earlier tasks have left', wholeNumber(0), 0)
  .parse();
const given = command.opts<{ seconds: number; tasks: number; claims: number; events: number }>();
const { claims, events: oldEvents, seconds, tasks: slots } = given;
const load: Load = { claims, oldEvents, seconds, slots };
if (jobLengthOf(load) <= 0)
  command.error(
    `error: ${slots} tasks cannot live with ${claims} claims a second: give more --tasks or fewer --claims`,
  );
if (claims > mostClaims) command.error(`error: option '--claims <N>': expected at most ${mostClaims}`);
const interrupted = onInterruption();
await using _ = await startCluster((what) => console.error(`cluster: ${what}`), interrupted);
write(
  {
    ...(await measureLoad(load, interrupted)),
    ...(await measureQueue(interrupted)),
  },
  load,
);
