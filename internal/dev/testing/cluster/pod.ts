import type { ContainerStateTerminated, ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts';
import { ApiServerError, callApiServer } from '../../cluster/api-server.ts';
import { kubectl } from '../../cluster/kubectl.ts';
import { waitFor } from '../wait-for.ts';

/** Identifies a Pod. */
export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** The longest wait for anything a Pod does, much longer than a busy machine needs. */
const patience = { limitMs: 180_000, everyMs: 200 };

/** With this finalizer, a deleted Pod can still be read until `releasePod`. */
export const keptAfterDeletion = 'runner-init.test/kept-after-deletion';

/** Creates a Pod. @throws ApiServerError if it is not admitted */
export async function createPod(namespace: string, pod: Pod): Promise<PodName> {
  const created = await callApiServer(`/api/v1/namespaces/${namespace}/pods`, { method: 'POST', body: pod });
  return { namespace, name: JSON.parse(created).metadata.name };
}

/** @throws ApiServerError if it does not exist */
export async function readPod(pod: PodName): Promise<Pod> {
  return JSON.parse(await callApiServer(pathOf(pod)));
}

/**
 * Waits until the condition gives a value for a Pod that is neither false nor undefined, and returns it.
 *
 * @param what the condition in words, for the error
 * @throws Error with the Pod's last status if the condition is never met, or the Pod is gone
 */
export async function waitForPod<T>(
  pod: PodName,
  what: string,
  condition: (pod: Pod) => T | Promise<T>,
): Promise<Exclude<T, false | undefined>> {
  let last: Pod | undefined;
  const check = async () => {
    last = await readPod(pod);
    return condition(last);
  };
  try {
    return await waitFor(`${what} of ${pod.name}`, check, patience);
  } catch (error) {
    const status = JSON.stringify(last?.status, undefined, 2);
    throw new Error(`${error instanceof Error ? error.message : error}\n${status}`);
  }
}

/** Waits for the end of a container. If it was restarted, this is the end before the restart. */
export function waitForEnd(pod: PodName, container: string): Promise<ContainerStateTerminated> {
  return waitForPod(pod, `the end of ${container}`, (it) => endOf(it, container));
}

/** Waits until a container is ready for the kubelet. @throws Error if it has ended */
export async function waitUntilReady(pod: PodName, container: string): Promise<void> {
  await waitForPod(pod, `the readiness of ${container}`, (it) => {
    const { ready, state } = containerStatus(it, container) ?? {};
    if (state?.terminated) throw new Error(`${container} of ${pod.name} has ended`);
    return ready;
  });
}

/** The kubelet's status of a container or init container. */
export function containerStatus({ status = {} }: Pod, container: string): ContainerStatus | undefined {
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return statuses.find(({ name }) => name === container);
}

/** How a container has ended, if it has. */
export function endOf(pod: Pod, container: string): ContainerStateTerminated | undefined {
  const { state, lastState } = containerStatus(pod, container) ?? {};
  return state?.terminated ?? lastState?.terminated;
}

/** Deletes a Pod, as `kubectl delete --wait=false`. @param graceSeconds the default is the Pod's own grace period */
export async function deletePod(pod: PodName, graceSeconds?: number): Promise<void> {
  const query = graceSeconds === undefined ? '' : `?gracePeriodSeconds=${graceSeconds}`;
  await callApiServer(`${pathOf(pod)}${query}`, { method: 'DELETE' });
}

/** Evicts a Pod through the API, like a drain. @throws ApiServerError if a budget forbids it */
export async function evictPod(pod: PodName): Promise<void> {
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: pod.name, namespace: pod.namespace },
  };
  await callApiServer(`${pathOf(pod)}/eviction`, { method: 'POST', body });
}

/** Merges fields into a Pod. */
export async function patchPod(pod: PodName, fields: object): Promise<void> {
  await callApiServer(pathOf(pod), { method: 'PATCH', body: fields });
}

/** Releases a Pod that was kept after its deletion. If it is gone, that is not an error. */
export async function releasePod(pod: PodName): Promise<void> {
  await patchPod(pod, { metadata: { finalizers: null } }).catch((error: unknown) => {
    if (!(error instanceof ApiServerError && error.status === 404)) throw error;
  });
}

/** The output of a container so far. */
export function readLog(pod: PodName, container: string): Promise<string> {
  return callApiServer(`${pathOf(pod)}/log?container=${container}`);
}

/** Waits for a match in a container's output. @throws Error with the output if the container ends without a match */
export function waitForLog(pod: PodName, container: string, pattern: RegExp): Promise<RegExpExecArray> {
  return waitForPod(pod, `${pattern} in the log of ${container}`, async (it) => {
    const { running, terminated } = containerStatus(it, container)?.state ?? {};
    if (running === undefined && terminated === undefined) return undefined;
    const log = await readLog(pod, container);
    const match = pattern.exec(log) ?? undefined;
    if (match === undefined && terminated) throw new Error(`${container} ended without ${pattern}:\n${log}`);
    return match;
  });
}

/**
 * Runs a command in a container.
 *
 * @returns its output
 * @throws Error with its output if it fails
 */
export function execInPod(pod: PodName, container: string, command: readonly string[]): Promise<string> {
  return kubectl([
    'exec',
    `--namespace=${pod.namespace}`,
    pod.name,
    `--container=${container}`,
    '--',
    ...command,
  ]);
}

function pathOf({ namespace, name }: PodName): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}
