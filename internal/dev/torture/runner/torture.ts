import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Command } from 'commander';
import { delay } from '../../../delay.ts';
import { repository } from '../../../packer/repository.ts';
import { startCluster } from '../../cluster/start-cluster.ts';
import { Administrator } from '../../fake-kubelet/administrator.ts';
import { FakeKubelet } from '../../fake-kubelet/fake-kubelet.ts';
import { FakeNodes } from '../../fake-kubelet/fake-nodes.ts';
import { onInterruption } from '../../interruption.ts';
import { startFakeRunnerApi } from '../../runner-api/fake-runner-api.ts';
import { RecordedQueue } from '../../runner-api/queue/recorded-queue.ts';
import { setStage } from '../../testing/cluster/controller-stage.ts';
import { createNamespace } from '../../testing/cluster/namespace.ts';
import { wholeNumber } from '../../whole-number.ts';
import { Random } from '../random.ts';
import { Tally } from '../tally.ts';
import { classTemplates } from './classes.ts';
import { findExcess, findRemains, observe, searchLogs } from './evidence.ts';
import { Fleet } from './fleet.ts';
import { isForgivablyLost } from './judge.ts';
import { reportTasks } from './report-tasks.ts';
import { TaskSource } from './task-source.ts';
import { UnreliableApiServer } from './unreliable-api-server.ts';

interface Settings {
  readonly seed: number;
  readonly seconds: number;
  readonly replicas: number;
  /** The number of tasks of a replica at a time. */
  readonly slots: number;
}

/** Short limits, so that a run sees all of them pass. */
const controllerSettings = {
  O11Y_LEVEL: 'debug',
  KUBE_GC_INTERVAL: '2s',
  RUNNER_SCHEDULING_TIMEOUT: '5s',
  RUNNER_IMAGE_ERROR_GRACE: '2s',
  RUNNER_IMAGE_PULL_TIMEOUT: '5s',
  RUNNER_START_TIMEOUT: '5s',
  RUNNER_CREATE_TIMEOUT: '20s',
  RUNNER_CANCELLATION_GRACE: '1s',
};
/** It takes over a minute to notice a lost node, so tasks with one need this much time before the end, ms. */
const slowMs = 100_000;
/** The time in which everything has to end once the disturbances are over, ms. */
const settleMs = 240_000;
const everyMs = 50;

/** The parts that last for the whole run. */
interface Run {
  readonly settings: Settings;
  readonly queue: RecordedQueue;
  readonly source: TaskSource;
  readonly kubelet: FakeKubelet;
  readonly fleet: Fleet;
  readonly apiServer: UnreliableApiServer;
}

async function torture(settings: Settings, interrupted: AbortSignal): Promise<boolean> {
  await using resources = new AsyncDisposableStack();
  resources.use(await startCluster((what) => console.error(`cluster: ${what}`), interrupted));
  const sinceMs = Date.now();
  const tally = new Tally();
  const classTokens = { 'acme/safe': secret(), 'acme/unsafe': secret() };
  const queue = new RecordedQueue(classTokens);
  const api = resources.use(
    await startFakeRunnerApi({
      tasks: queue,
      onRequest: (request) => queue.noteRequest(request, source.answerTo(request)),
      keepsRequests: false,
    }),
  );
  const source = new TaskSource(settings.seed, queue, api, settings.seconds * 1000 > slowMs);
  const apiServer = resources.use(new UnreliableApiServer(Random.forTask(settings.seed, -10), tally));
  const { name: namespace } = resources.use(await createNamespace({ purpose: 'torture' }));
  const stage = resources.use(
    await setStage({
      ...{ namespace, classes: classTemplates(), tokens: classTokens, runnerApiUrl: api.url },
      folder: join(repository, 'target', 'torture-runner'),
      apiServerUrl: await apiServer.start(),
    }),
  );
  const administrator = resources.use(new Administrator());
  const nodes = resources.use(await FakeNodes.register(administrator, namespace));
  const kubelet = resources.use(
    new FakeKubelet({ administrator, nodes, namespace, runnerApiUrl: api.url, storyOf: source.storyOf }),
  );
  const variables = { ...controllerSettings, MAX_CONCURRENT_TASKS: `${settings.slots}` };
  const fleet = resources.use(new Fleet(stage, administrator, variables, tally));
  for (let count = 0; count < settings.replicas; count++) await fleet.add();

  const run = { settings, queue, source, kubelet, fleet, apiServer };
  await disturb(run, interrupted);
  const remains = await settle(run, () => findRemains(administrator, namespace), interrupted);
  await fleet.drain();
  const tokens = queue.tasks.flatMap(({ claims }) => claims.map(({ token }) => token));
  const problems = [
    ...remains.map((name) => `is left in the cluster: ${name}`),
    ...fleet.problems,
    ...kubelet.errors.map((error) => `the fake kubelet: ${error}`),
    ...(await findExcess(stage, sinceMs)),
    ...searchLogs(fleet.all, [...Object.values(classTokens), stage.accountToken, ...tokens]),
  ];
  for (const problem of problems) console.error(problem);
  const wrong = reportTasks(run, tally);
  console.log(tally.toString());
  if (problems.length + wrong > 0) console.error(`seed ${settings.seed}; the logs are in ${stage.folder}`);
  return problems.length + wrong === 0;
}

function secret(): string {
  return `class-token-${randomBytes(12).toString('hex')}`;
}

/** Tasks come, replicas die, and the API server goes away, until the time is over. */
async function disturb(run: Run, interrupted: AbortSignal): Promise<void> {
  const { apiServer, fleet, settings, source } = run;
  const over = AbortSignal.any([interrupted, AbortSignal.timeout(settings.seconds * 1000)]);
  const endMs = performance.now() + settings.seconds * 1000;
  const tasks = async () => {
    do {
      source.slow = endMs - performance.now() > slowMs;
      source.fill(settings.slots);
    } while (await delay(everyMs, over));
  };
  const deaths = async () => {
    const random = Random.forTask(settings.seed, -20);
    while (await delay(random.integer(1000, 8000), over)) await fleet.disturb(random);
  };
  const outages = async () => {
    const random = Random.forTask(settings.seed, -30);
    while (await delay(random.integer(5000, 40_000), over))
      await apiServer.beAway(random.integer(500, random.chance(0.1) ? 30_000 : 5000), over);
  };
  await Promise.all([tasks(), deaths(), outages()]);
  interrupted.throwIfAborted();
  apiServer.troubled = false;
}

/** Waits until everything is over, within a time limit. @returns the remaining objects in the cluster */
async function settle(
  { fleet, kubelet, queue, source }: Run,
  findRemains: () => Promise<string[]>,
  interrupted: AbortSignal,
): Promise<string[]> {
  const end = performance.now() + settleMs;
  for (;;) {
    const open = source.open().filter((task) => {
      const observed = observe(task, queue, kubelet.records);
      const last = observed.claims.at(-1);
      return last === undefined || !isForgivablyLost(observed, last, fleet.deaths);
    });
    const remains = await findRemains();
    if ((open.length === 0 && remains.length === 0) || performance.now() > end) return remains;
    if (!(await delay(1000, interrupted))) interrupted.throwIfAborted();
  }
}

const settings = new Command('torture runner')
  .option('--seconds <N>', 'how long to submit tasks', wholeNumber(1), 300)
  .option('--seed <N>', 'of the random stories', wholeNumber(0), Date.now() % 1_000_000)
  .option('--replicas <N>', 'how many controllers', wholeNumber(1), 3)
  .option('--slots <N>', 'how many tasks each of them may have', wholeNumber(1), 25)
  .parse()
  .opts<Settings>();
const { replicas, seconds, seed, slots } = settings;
console.log(`torture runner: seed ${seed}, ${seconds} s, ${replicas} replicas of ${slots} tasks`);
try {
  process.exitCode = (await torture(settings, onInterruption())) ? 0 : 1;
} catch (error) {
  console.error(`torture runner: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
