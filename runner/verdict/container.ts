import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts';

/** The container whose end is the task's end; the others are services, and the logging container. */
export const primaryName = 'container-0';

/** A container of a Pod and what the kubelet last said of it. */
export interface ObservedContainer {
  readonly name: string;
  readonly image: string;
  readonly role: 'init' | 'primary' | 'service';
  /** Undefined until the kubelet has seen the Pod. */
  readonly status: ContainerStatus | undefined;
}

/** The containers of a Pod in the order of their start: init containers first. */
export function listContainers(pod: Pod): ObservedContainer[] {
  const { initContainers = [], containers = [] } = pod.spec ?? { containers: [] };
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const observe = (role: ObservedContainer['role'], name: string, image = ''): ObservedContainer => ({
    name,
    image,
    role,
    status: statuses.find((status) => status.name === name),
  });
  return [
    ...initContainers.map(({ name, image }) => observe('init', name, image)),
    ...containers.map(({ name, image }) =>
      observe(name === primaryName ? 'primary' : 'service', name, image),
    ),
  ];
}

/** A container in a message: its role, name and image. */
export function describeContainer({ name, image, role }: ObservedContainer): string {
  const what = {
    init: 'the init container',
    primary: 'the primary container',
    service: 'the service container',
  }[role];
  return `${what} ${name} (image ${image})`;
}

/** Whether the container's program runs, or ran. */
export function hasRun({ status }: ObservedContainer): boolean {
  const { running, terminated } = status?.state ?? {};
  return running !== undefined || (terminated !== undefined && terminated.startedAt !== undefined);
}
