import { evictPod, waitForLog } from '../../testing/cluster/pod.ts';
import type { Sightings } from '../../testing/cluster/sightings.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { say } from '../screen.ts';
import type { LiveTable } from './live-table.ts';

/** Much longer than a Pod needs to start. */
const patience = { limitMs: 180_000, everyMs: 200 };

/**
 * Evicts the first Pod of a task, like a drain of its node, while its agent is in the middle of its work.
 *
 * @throws the signal's reason
 */
export async function evictJob(
  taskId: string,
  sightings: Sightings,
  table: LiveTable,
  signal: AbortSignal,
): Promise<void> {
  const { metadata = {} } = await waitFor(
    `the Pod of ${taskId}`,
    () => {
      signal.throwIfAborted();
      return sightings.pods(taskId)[0];
    },
    patience,
  );
  const pod = { namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
  await waitForLog(pod, 'container-0', /ignore SIGTERM/);
  table.above(() => say('demo', `evicts the Pod ${pod.name}`));
  await evictPod(pod);
}
