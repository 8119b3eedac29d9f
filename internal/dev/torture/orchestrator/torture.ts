import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { startFakeRunnerApi } from '../../runner-api/fake-runner-api.ts';
import { buildFakeAgent } from '../../testing/build-fake-agent.ts';
import { isRoot } from '../../testing/is-root.ts';
import { wholeNumber } from '../../whole-number.ts';
import { Random } from '../random.ts';
import { Tally } from '../tally.ts';
import { carryOut, type Suite } from './carry-out.ts';
import { judge, outcomeOf } from './judge.ts';
import { drawPlan, type Plan } from './plan.ts';
import { courseOf } from './plan-answers.ts';
import { StallClock } from './stall-clock.ts';
import { availableSurroundings } from './surroundings.ts';
import { drawInitFault, tortureInit } from './torture-init.ts';

/** Much longer than all limits of the product, also on a very busy machine, ms. */
const hangMs = 90_000;
/** More time for two calls of a minute each, ms. */
const slowMs = 130_000;

/** One of this many tasks is an init container. */
const initEvery = 20;

interface Settings {
  readonly seed: number;
  readonly seconds: number;
  readonly parallel: number;
  /** Runs only this task. */
  readonly task?: number;
  readonly times: number;
}

async function torture(settings: Settings): Promise<boolean> {
  const listeners: Suite['listeners'] = new Map();
  const api = await startFakeRunnerApi({ onRequest: (request) => listeners.get(request.key)?.(request) });
  const stalls = new StallClock();
  const suite: Suite = { fakeAgent: await buildFakeAgent(), api, listeners, stalls };
  const tally = new Tally();
  const end = performance.now() + settings.seconds * 1000;
  let next = 0;
  const worker = async () => {
    while (settings.task === undefined ? performance.now() < end : next < settings.times) {
      const index = settings.task ?? next;
      next++;
      if (index % initEvery === initEvery - 1) {
        await runInitOnce({ index, settings, suite, tally });
        continue;
      }
      const plan = drawPlan(Random.forTask(settings.seed, index), {
        isRoot,
        surroundings: availableSurroundings,
      });
      const slow = isSlow(plan);
      if (slow && settings.task === undefined && performance.now() + slowMs > end) {
        tally.add('tasks left out, as they take minutes');
        continue;
      }
      await runOne({ plan, slow, index, settings, suite, tally });
    }
  };
  await Promise.all(Array.from({ length: settings.parallel }, worker));
  stalls.stop();
  await api.close();
  console.log(tally.toString());
  return tally.get('tasks with something wrong') === 0;
}

/** One of the tasks. */
interface Turn {
  readonly plan: Plan;
  readonly slow: boolean;
  readonly index: number;
  readonly settings: Settings;
  readonly suite: Suite;
  readonly tally: Tally;
}

async function runOne({ plan, slow, index, settings, suite, tally }: Turn): Promise<void> {
  const seen = await carryOut(plan, slow ? hangMs + slowMs : hangMs, suite);
  const problems = judge(plan, seen);
  tally.add('tasks');
  tally.add(`tasks, ${plan.life}`);
  tally.add(`surroundings: ${plan.surrounding}`);
  tally.add(`outcome: ${outcomeOf(seen)}`);
  tally.add(seen.disturbed || seen.terminated || seen.killed ? 'tasks disturbed' : 'tasks undisturbed');
  tally.add('requests', seen.requests.length);
  tally.add('requests met by a fault', seen.requests.filter(({ answer }) => answer.fault).length);
  tally.add('processes seen when the API was told', seen.requests.flatMap(({ alive }) => alive).length);
  for (const [what, count] of seen.disturbances) tally.add(`done: ${what}`, count);
  const [, orphans] = /orphans\.reaped\D+(\d+)/.exec(seen.log ?? '') ?? [];
  tally.add('orphans reaped', Number(orphans ?? 0));
  if (problems.length === 0) return;
  tally.add('tasks with something wrong');
  console.error(
    [
      `task ${index} went wrong: ./do torture --seed ${settings.seed} --task ${index} --times 20`,
      ...problems.map((problem) => `  ${problem}`),
      `  plan: ${JSON.stringify(plan)}`,
      `  status ${seen.status}, signal ${seen.signal}, ${Math.round(seen.durationMs)} ms, calls: ${seen.requests.map(({ call }) => call).join()}`,
      `  log: ${seen.log?.slice(-3000).replaceAll('\n', '\n    ') ?? 'was not read'}`,
    ].join('\n'),
  );
}

async function runInitOnce({ index, settings, suite, tally }: Omit<Turn, 'plan' | 'slow'>): Promise<void> {
  const drawn = drawInitFault(Random.forTask(settings.seed, index));
  const problems = await tortureInit(drawn, suite.fakeAgent);
  tally.add(`init: ${drawn.fault}`);
  if (problems.length === 0) return;
  tally.add('tasks with something wrong');
  console.error(
    `task ${index} went wrong: ./do torture --seed ${settings.seed} --task ${index}\n  ${problems.join('\n')}`,
  );
}

function isSlow({ answers }: Plan): boolean {
  return Object.values(answers).some((course) => courseOf(course).attempts === undefined);
}

const settings = new Command('torture')
  .option('--seconds <N>', 'how long to go on', wholeNumber(1), 300)
  .option('--seed <N>', 'of the random plans', wholeNumber(0), Date.now() % 1_000_000)
  .option('--parallel <N>', 'how many tasks at a time', wholeNumber(1), 3 * availableParallelism())
  .option('--task <N>', 'only this task of the seed', wholeNumber(0))
  .option('--times <N>', 'how often that task', wholeNumber(1), 1)
  .parse()
  .opts<Settings>();
console.log(`torture: seed ${settings.seed}, ${settings.seconds} s, ${settings.parallel} tasks at a time`);
process.exitCode = (await torture(settings)) ? 0 : 1;
