import type { ContainerStateTerminated } from 'kubernetes-types/core/v1.d.ts';
import { containerName, isJobContainer } from '../names/names.ts';
import { hasNotStarted, unknownToKubelet } from './container-end.ts';
import type { KnownContainerStatus, KnownEvent, KnownPod } from './known-pod.ts';

/** The container whose end is the task's end. */
const primaryName = containerName(0);

/** A container of a Pod, and its last status from the kubelet. */
export interface ObservedContainer {
  readonly name: string;
  readonly image: string;
  /** `helper`: the logging container, and all other containers of the template, including sidecars. */
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
      // A sidecar does not hold up the other containers: it may end, and starts again.
      observe(restartPolicy === 'Always' ? 'helper' : 'init', name, image),
    ),
    ...containers.map(({ name, image }) => observe(roleOf(name), name, image)),
  ];
}

/** The primary container of a Pod. Undefined if no container has that name. */
export function primaryOf(pod: KnownPod): ObservedContainer | undefined {
  return listContainers(pod).find(({ role }) => role === 'primary');
}

/** Whether the primary container of a Pod runs. */
export function runsPrimary(pod: KnownPod): boolean {
  return primaryOf(pod)?.status?.state?.running !== undefined;
}

function roleOf(name: string): ObservedContainer['role'] {
  if (name === primaryName) return 'primary';
  return isJobContainer(name) ? 'service' : 'helper';
}

/** Whether a container comes from the settings or the template of the class, and not from the job. */
export function comesWithInstallation({ role }: ObservedContainer): boolean {
  return role === 'init' || role === 'helper';
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
 * How a container has ended. Undefined if it has not. Only the first end counts: in some cases, a kubelet restarts a
 * container that must never be restarted (kubernetes/kubernetes#83705).
 */
export function endOf({ status }: ObservedContainer): ContainerStateTerminated | undefined {
  return status?.lastState?.terminated ?? status?.state?.terminated;
}

/**
 * Whether the container's program runs, ran, or may have run. A kubelet that lost a running container reports that in the
 * container's last state, and shows it as waiting. If the kubelet does not say whether the container ran, it ran, unless
 * its image was still being pulled.
 *
 * @param events about its Pod
 */
export function hasRun(container: ObservedContainer, events: readonly KnownEvent[] = []): boolean {
  const { lastState, state } = container.status ?? {};
  return (
    hasStarted(container, events) ||
    lastState?.terminated?.reason === unknownToKubelet ||
    (state?.terminated?.reason === unknownToKubelet && !isPulling(container, events))
  );
}

/** Whether the kubelet has begun to pull the container's image, and has not said since that it has it. */
export function isPulling({ name }: ObservedContainer, events: readonly KnownEvent[]): boolean {
  const last = events.findLast(
    (event) => isAbout(event, name) && /^(Pulling|Pulled)$/.test(event.reason ?? ''),
  );
  return last?.reason === 'Pulling';
}

/**
 * Whether the kubelet has seen the container's program start. It may have forgotten by now, so its events count, too.
 *
 * @param events about its Pod
 */
export function hasStarted({ name, status }: ObservedContainer, events: readonly KnownEvent[] = []): boolean {
  const states = [status?.state, status?.lastState];
  return (
    states.some((state) => state?.running !== undefined || ranBefore(state?.terminated)) ||
    events.some((event) => event.reason === 'Started' && isAbout(event, name))
  );
}

/** Whether a container had started before it ended. If it could not start, container runtimes say 1970, or earlier. */
function ranBefore(ended: ContainerStateTerminated | undefined): boolean {
  return ended !== undefined && !hasNotStarted(ended) && Date.parse(ended.startedAt ?? '') > 0;
}

/** An event about a container names it in a path such as `spec.containers{container-0}`. */
export function isAbout({ involvedObject }: KnownEvent, container: string): boolean {
  return involvedObject.fieldPath?.endsWith(`{${container}}`) ?? false;
}
