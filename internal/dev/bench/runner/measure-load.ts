import { setTimeout as pause } from 'node:timers/promises';
import type { SecretList } from 'kubernetes-types/core/v1.d.ts';
import type { Administrator } from '../../fake-kubelet/administrator.ts';
import { taskSelector } from '../../fake-kubelet/fake-kubelet.ts';
import type { ControllerProcess } from '../../testing/cluster/controller-process.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { type Figures, mebibytes, usedCpuMs } from '../measures.ts';
import { loadOfTasks, readApiServerWork } from './api-server-load.ts';
import { percentile } from './percentile.ts';
import { jobStory, type Plant, setUpPlant } from './plant.ts';

/** How long a job's slot is taken beside the job itself, until its Pod has started, ended and gone, ms. */
const aroundJobMs = 3500;
/** Each job is longer than the one before by this, within bounds. So jobs that began together end one by one, ms. */
const longerMs = 7919;
/** Slots are taken faster than they become free. */
const claimEveryMs = 30;
/** So many claims a second can be made while the slots are taken. */
export const mostClaims = Math.floor(900 / claimEveryMs);
/** The number of tasks in the queue. */
const mostWaiting = 40;
const sampleMs = 1000;
/** A machine that is too busy for this is not fit for measurements. */
const patience = { limitMs: 240_000, everyMs: 200 };

/** What to measure. */
export interface Load {
  readonly slots: number;
  /** How many slots become free each second, when all are taken: the length of jobs follows from it. */
  readonly claims: number;
  /** The time of churn, s. */
  readonly seconds: number;
  /** How many events earlier tasks have left in the namespace. */
  readonly oldEvents: number;
}

/** The average length of a job, ms. Not positive if there are too few slots for the claims. */
export function jobLengthOf({ claims, slots }: Load): number {
  return (slots / claims) * 1000 - aroundJobMs;
}

/** Measures a replica whose slots are always all taken, then kills and restarts it. */
export async function measureLoad(load: Load, interrupted: AbortSignal): Promise<Figures> {
  const { oldEvents, seconds, slots } = load;
  const jobMs = jobLengthOf(load);
  let lengthMs = 0;
  const nextStory = () => {
    lengthMs = (lengthMs + longerMs) % jobMs;
    return jobStory(jobMs / 2 + lengthMs);
  };
  await using plant = await setUpPlant({ slots, claimEveryMs, nextStory, oldEvents });
  const feeding = setInterval(() => fill(plant), 100);
  try {
    const isFull = () => {
      interrupted.throwIfAborted();
      return plant.kubelet.pods >= slots * 0.95;
    };
    await waitFor('a controller with all its places taken', isFull, patience);
    const churn = await measureChurn(plant, seconds, interrupted);
    console.error('churn:', churn);
    const peak = peakOf(plant);
    const restart = await measureRestart(plant);
    return { ...churn, ...restart, peak: Math.max(peak, peakOf(plant)) };
  } finally {
    clearInterval(feeding);
  }
}

function fill({ queue, submit }: Plant): void {
  const waiting = queue.tasks.filter(({ state }) => state === 'queued').length;
  for (let missing = mostWaiting - waiting; missing > 0; missing--) submit();
}

async function measureChurn(
  { administrator, controller, kubelet, queue }: Plant,
  seconds: number,
  interrupted: AbortSignal,
): Promise<Figures> {
  const pid = controller.program?.pid ?? 0;
  const beginMs = Date.now();
  const [cpuBefore, requestsBefore] = [usedCpuMs(pid), await countRequests(controller)];
  const workBefore = await readApiServerWork(administrator);
  const memory: number[] = [];
  for (let second = 0; second < seconds; second++) {
    memory.push(mebibytes(pid, 'VmRSS'));
    if (second % 60 === 0)
      console.error(
        `churn: ${second} s of ${seconds}, ${kubelet.records.length} tasks, ${memory.at(-1)?.toFixed(1)} MiB`,
      );
    await pause(sampleMs, undefined, { signal: interrupted });
  }
  const work = await readApiServerWork(administrator);
  const claimed = new Map(
    queue.tasks.flatMap(({ claims }) =>
      claims.map(({ allocation, token }) => [allocation, queue.claims.get(token)?.atMs ?? 0] as const),
    ),
  );
  const news = kubelet.records.filter(({ seenMs }) => seenMs >= beginMs);
  const toPod = news.map(({ allocation, seenMs }) => seenMs - (claimed.get(allocation) ?? seenMs));
  const half = Math.floor(memory.length / 2);
  return {
    live: kubelet.pods,
    claims: (news.length * 1000) / (Date.now() - beginMs),
    memory: Math.max(...memory),
    growth: Math.max(...memory.slice(half)) - Math.max(...memory.slice(0, half)),
    cpu: (usedCpuMs(pid) - cpuBefore) / news.length,
    requests: ((await countRequests(controller)) - requestsBefore) / news.length,
    ...loadOfTasks(workBefore, work, news.length),
    toPodMedian: percentile(toPod, 0.5),
    toPod: percentile(toPod, 0.99),
  };
}

/** Measures the time until the restarted replica has taken over everything that it found, and claims again. */
async function measureRestart({ administrator, controller, namespace }: Plant): Promise<Figures> {
  await controller.kill();
  const before = controller.logBytes;
  const left = await countRecords(administrator, namespace);
  const startMs = performance.now();
  await controller.start();
  const lines = () => controller.readLog(before);
  await waitFor('claims after the restart', () => lines().includes('"msg":"claiming"'), patience);
  const restart = (performance.now() - startMs) / 1000;
  return { left, restart, takenOver: lines().split('"msg":"a task was taken over"').length - 1 };
}

/** The number of tasks with a record. A task that has just ended may still have its Pod without it. */
async function countRecords(administrator: Administrator, namespace: string): Promise<number> {
  const path = `/api/v1/namespaces/${namespace}/secrets?${taskSelector}`;
  return (await administrator.get<SecretList>(path))?.items.length ?? 0;
}

/** The most resident memory of the controller's process so far, MiB. */
function peakOf({ controller }: Plant): number {
  return mebibytes(controller.program?.pid ?? 0, 'VmHWM');
}

/** The number of requests to the Kubernetes API so far, without those that only begin a watch. */
async function countRequests(controller: ControllerProcess): Promise<number> {
  const address = /"address":"([^"]+)","msg":"health checks and metrics/;
  const [, served] = await waitFor('the metrics', () => address.exec(controller.readLog()) ?? undefined);
  const metrics = await (await fetch(`http://${served}/metrics`)).text();
  const series = metrics.matchAll(/^container_agent_kubernetes_requests_total\{([^}]*)\} (\d+)$/gm);
  return [...series].reduce(
    (sum, [, labels = '', count]) => sum + (labels.includes('verb="watch"') ? 0 : Number(count)),
    0,
  );
}
