import { setTimeout as pause } from 'node:timers/promises';
import type { RunningProgram } from '../testing/running-program.ts';
import {
  type ControllerApis,
  collection,
  controllerUrl,
  startControllerApis,
} from '../testing/start-controller.ts';
import { waitFor } from '../testing/wait-for.ts';
import { type Figures, mebibytes, usedCpuMs } from './measures.ts';
import { nowMs } from './subjects.ts';

const tasks = 1000;
/** Longer than the controller waits until it gives memory back, ms. */
const restMs = 15_000;
const pods = collection('pods');

/** The time from the start to ready, ms, and the memory then and after some idle time, MiB. */
export async function startAndRest(): Promise<Figures> {
  await using apis = await startControllerApis();
  await using run = await apis.start();
  await untilReady(run);
  const ready = nowMs() - run.startedMs;
  const atReady = mebibytes(run.pid, 'VmRSS');
  await pause(restMs);
  return {
    ready,
    atReady,
    resident: mebibytes(run.pid, 'VmRSS'),
    anonymous: mebibytes(run.pid, 'RssAnon'),
  };
}

/** The cost of many tasks at a time, each with a Secret, a Pod and a step: the highest memory, MiB, and CPU, ms. */
export async function work(): Promise<Figures> {
  await using apis = await startControllerApis();
  await using run = await apis.start({ MAX_CONCURRENT_TASKS: `${tasks}` });
  await untilReady(run);
  const before = usedCpuMs(run.pid);
  for (let task = 0; task < tasks; task++) {
    const configuration = { docker: [{ image: 'cimg/base:current' }] };
    apis.submit(configuration);
  }
  await waitFor('a Pod for each task', () => apis.kubernetes.names(pods).length === tasks, slowly);
  for (const name of apis.kubernetes.names(pods)) await endPod(apis, name);
  await waitFor('no Pod', () => apis.kubernetes.names(pods).length === 0, slowly);
  return {
    most: mebibytes(run.pid, 'VmHWM'),
    cpuOfTask: (usedCpuMs(run.pid) - before) / tasks,
  };
}

/** This process also serves both APIs, and needs time for that. */
const slowly = { everyMs: 200, limitMs: 300_000 } as const;

async function untilReady(run: RunningProgram): Promise<void> {
  const url = await controllerUrl(run);
  await waitFor('the controller to be ready', async () => (await fetch(`${url}/ready`)).ok, { everyMs: 5 });
}

async function endPod({ kubernetes }: ControllerApis, name: string): Promise<void> {
  const pod = kubernetes.get(pods, name);
  if (pod === undefined) throw new Error(`the Pod ${name} has gone by itself`);
  const containerStatuses = [{ name: 'container-0', state: { terminated: { exitCode: 0 } } }];
  kubernetes.put(pods, { ...pod, ...{ status: { phase: 'Succeeded', containerStatuses } } });
  await pause(0);
}
