import { delay } from '../../../../internal/delay.ts';
import { names } from '../../../../internal/dev/testing/cluster/controller-manifest.ts';
import { dropPackets, type Peer } from '../../../../internal/dev/testing/cluster/drop-packets.ts';
import { containerStatus } from '../../../../internal/dev/testing/cluster/pod.ts';
import type { TestController } from '../controller.ts';
import type { LogLine, SubmittedTask } from '../submitted-task.ts';
import { untilTold } from '../until-told.ts';

/** How long the packets between a controller and one of its peers vanish, ms. */
export const outageMs = 50_000;
const forEver = new AbortController().signal;

/** Tasks whose agents run, by what happens to them in an outage. */
export type BegunTasks = Awaited<ReturnType<typeof beginTasks>>;

/** Submits tasks, and waits until their agents run. They go on until they are told to end. */
export async function beginTasks(controller: TestController) {
  const tasks = {
    lasting: controller.submit({ agent: untilTold }),
    ending: controller.submit({ agent: untilTold }),
    failing: controller.submit({ agent: [...untilTold, 'exit=3'] }),
    killed: controller.submit({ agent: untilTold }),
    reported: controller.submit({ agent: untilTold }),
  };
  for (const task of Object.values(tasks)) await task.printed(/the agent runs/);
  return tasks;
}

/** The state of a controller at the end of an outage. */
export interface Interim {
  readonly live: number;
  readonly restarts: number | undefined;
  readonly log: readonly LogLine[];
  /** Of the tasks that nobody can have reported yet. */
  readonly reports: readonly string[];
}

/**
 * Drops the packets between a controller and a peer for a while.
 *
 * @param action what happens meanwhile. It returns the tasks that nobody can have reported when the outage ends
 */
export async function withoutPackets(
  peer: Peer,
  controller: TestController,
  action: () => Promise<readonly SubmittedTask[]>,
): Promise<Interim> {
  const [pod = {}] = await controller.pods();
  await using _dropped = await dropPackets(pod, names.controller, peer);
  const endMs = performance.now() + outageMs;
  const silent = await action();
  await delay(endMs - performance.now(), forEver);
  const [same = {}] = await controller.pods();
  return {
    live: (await controller.health(pod, '/live')).status,
    restarts: containerStatus(same, names.controller)?.restartCount,
    log: await controller.log(),
    reports: silent.flatMap(({ reports }) => reports),
  };
}

/** The errors of an event of the log. */
export const errorsOf = (event: string, { log }: Interim) =>
  log.filter(({ msg }) => msg === event).map(({ error }) => String(error));
