import type { ContainerStateTerminated } from 'kubernetes-types/core/v1.d.ts';
import type { KnownContainerStatus, KnownPod } from './known-pod.ts';

/** The container whose end is the task's end. */
export const primaryName = 'container-0';
const serviceName = /^container-\d+$/;

/** A container of a Pod and what the kubelet last said of it. */
export interface ObservedContainer {
  readonly name: string;
  readonly image: string;
  /** `helper`: the logging container, and whatever else the template has, with sidecars among the init containers. */
  readonly role: 'init' | 'primary' | 'service' | 'helper';
  /** Undefined until the kubelet has seen the Pod. */
  readonly status: KnownContainerStatus | undefined;
}

/** The containers of a Pod in the order of their start: init containers first. */
export function listContainers(pod: KnownPod): ObservedContainer[] {
  const { initContainers = [], containers = [] } = pod.spec ?? { containers: [] };
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const observe = (role: ObservedContainer['role'], name: string, image = ''): ObservedContainer => ({
    name,
    image,
    role,
    status: statuses.find((status) => status.name === name),
  });
  return [
    ...initContainers.map(({ name, image, restartPolicy }) =>
      // It is no step before the others: it may end, and starts again.
      observe(restartPolicy === 'Always' ? 'helper' : 'init', name, image),
    ),
    ...containers.map(({ name, image }) => observe(roleOf(name), name, image)),
  ];
}

/** The primary container of a Pod; undefined: it has none of that name. */
export function primaryOf(pod: KnownPod): ObservedContainer | undefined {
  return listContainers(pod).find(({ role }) => role === 'primary');
}

function roleOf(name: string): ObservedContainer['role'] {
  if (name === primaryName) return 'primary';
  return serviceName.test(name) ? 'service' : 'helper';
}

/** A container in a message: its role, name and image. */
export function describeContainer({ name, image, role }: ObservedContainer): string {
  const what = {
    init: 'the init container',
    primary: 'the primary container',
    service: 'the service container',
    helper: 'the container',
  }[role];
  return `${what} ${name} (image ${image})`;
}

/**
 * How a container has ended; undefined: it has not. The end that counts is the first one: there are cases in which a
 * kubelet starts a container again that is never to be restarted (kubernetes/kubernetes#83705).
 */
export function endOf({ status }: ObservedContainer): ContainerStateTerminated | undefined {
  return status?.lastState?.terminated ?? status?.state?.terminated;
}

/** What the kubelet says of a container that it has lost sight of: nothing about whether its program ran. */
const unknownEnd = 'ContainerStatusUnknown';

/** Whether the container's program runs, or ran, or may have run. */
export function hasRun(container: ObservedContainer): boolean {
  return hasStarted(container) || container.status?.state?.terminated?.reason === unknownEnd;
}

/** Whether the kubelet has seen the container's program start. */
export function hasStarted({ status }: ObservedContainer): boolean {
  const { running, terminated } = status?.state ?? {};
  return running !== undefined || Boolean(terminated?.startedAt);
}
