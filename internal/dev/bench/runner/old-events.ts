import type { Administrator } from '../../fake-kubelet/administrator.ts';
import { apiTime } from '../../fake-kubelet/pod-status.ts';

/** How many requests are under way at a time. */
const atOnce = 16;
/** A task leaves about so many events. */
const perPod = 8;

/** Creates events about Pods that are gone, as the tasks of the last hour leave them. */
export async function createOldEvents(
  administrator: Administrator,
  namespace: string,
  count: number,
): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => index).values();
  const work = async () => {
    for (const number of numbers) await createEvent(administrator, namespace, number);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function createEvent(administrator: Administrator, namespace: string, number: number): Promise<void> {
  const name = `ccita-old-task-0-${Math.floor(number / perPod).toString(16)}`;
  const atTime = apiTime();
  await administrator.change('POST', `/api/v1/namespaces/${namespace}/events`, {
    metadata: { name: `${name}.${number.toString(16)}` },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid: `uid-of-${name}` },
    ...{ type: 'Normal', reason: 'Started', message: 'Started container container-0', count: 1 },
    ...{ source: { component: 'kubelet', host: 'node-a' }, firstTimestamp: atTime, lastTimestamp: atTime },
  });
}
