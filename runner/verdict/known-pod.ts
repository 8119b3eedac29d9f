import type {
  Container,
  ContainerStatus,
  Event,
  Pod,
  PodCondition,
  PodSpec,
  PodStatus,
} from 'kubernetes-types/core/v1.d.ts';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';

/*
 * What is kept of each Pod and event as long as its task lasts: a fraction of what the API server says of them. The
 * types have the fields that are kept, and no others, so the compiler refuses to read what would not be there. Whoever
 * needs a further field adds it here.
 */

const metadataFields = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'labels',
  'annotations',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;
const specFields = ['nodeName', 'terminationGracePeriodSeconds'] as const;
const containerFields = ['name', 'image', 'restartPolicy', 'resources'] as const;
const statusFields = ['phase', 'reason', 'message', 'podIP'] as const;
const conditionFields = ['type', 'status', 'reason', 'message'] as const;
const containerStatusFields = ['name', 'ready', 'state', 'lastState'] as const;
const eventFields = ['type', 'reason', 'message', 'count'] as const;
const eventMetadataFields = ['name', 'uid', 'resourceVersion'] as const;
const involvedFields = ['name', 'uid', 'fieldPath'] as const;

type Kept<T, Fields extends readonly (keyof T)[]> = Readonly<Pick<T, Fields[number]>>;

/** A Pod with no more than this program reads of it. Every `Pod` is one, too. */
export interface KnownPod {
  readonly metadata?: Kept<ObjectMeta, typeof metadataFields>;
  readonly spec?: KnownSpec;
  readonly status?: KnownPodStatus;
}

interface KnownSpec extends Kept<PodSpec, typeof specFields> {
  readonly initContainers?: readonly KnownContainer[];
  readonly containers: readonly KnownContainer[];
}

/** A container as the Pod has it in the end: of its variables and ports the names alone. */
export interface KnownContainer extends Kept<Container, typeof containerFields> {
  readonly env?: readonly { readonly name: string }[];
  readonly ports?: readonly { readonly name?: string }[];
  readonly livenessProbe?: { readonly failureThreshold?: number };
}

interface KnownPodStatus extends Kept<PodStatus, typeof statusFields> {
  readonly conditions?: readonly Kept<PodCondition, typeof conditionFields>[];
  readonly initContainerStatuses?: readonly KnownContainerStatus[];
  readonly containerStatuses?: readonly KnownContainerStatus[];
}

/** What the kubelet says of a container. */
export type KnownContainerStatus = Kept<ContainerStatus, typeof containerStatusFields>;

/** An event with no more than this program reads of it. Every `Event` is one, too. */
export interface KnownEvent extends Kept<Event, typeof eventFields> {
  readonly metadata: Kept<ObjectMeta, typeof eventMetadataFields>;
  readonly involvedObject: Kept<Event['involvedObject'], typeof involvedFields>;
}

/**
 * What this program reads of a Pod, which itself can be freed then. One that makes no sense stays as it is: it costs
 * whoever reads it, and not the watch that has brought it.
 */
export function knownPod(pod: Pod): KnownPod {
  try {
    const { metadata, spec, status } = pod;
    return {
      ...(metadata && { metadata: keep(metadata, metadataFields) }),
      ...(spec && { spec: knownSpec(spec) }),
      ...(status && { status: knownStatus(status) }),
    };
  } catch {
    return pod;
  }
}

/** What this program reads of an event, as {@link knownPod} does. */
export function knownEvent(event: Event): KnownEvent {
  try {
    return {
      ...keep(event, eventFields),
      metadata: keep(event.metadata, eventMetadataFields),
      involvedObject: keep(event.involvedObject, involvedFields),
    };
  } catch {
    return event;
  }
}

function knownSpec(spec: PodSpec): KnownSpec {
  const { containers, initContainers } = spec;
  return {
    ...keep(spec, specFields),
    ...(initContainers && { initContainers: initContainers.map(knownContainer) }),
    containers: containers.map(knownContainer),
  };
}

function knownContainer(container: Container): KnownContainer {
  const { env, livenessProbe, ports } = container;
  return {
    ...keep(container, containerFields),
    ...(env && { env: env.map((variable) => keep(variable, ['name'])) }),
    ...(ports && { ports: ports.map((port) => keep(port, ['name'])) }),
    ...(livenessProbe && { livenessProbe: keep(livenessProbe, ['failureThreshold']) }),
  };
}

function knownStatus(status: PodStatus): KnownPodStatus {
  const { conditions, containerStatuses, initContainerStatuses } = status;
  const ofContainer = (container: ContainerStatus) => keep(container, containerStatusFields);
  return {
    ...keep(status, statusFields),
    ...(conditions && { conditions: conditions.map((condition) => keep(condition, conditionFields)) }),
    ...(initContainerStatuses && { initContainerStatuses: initContainerStatuses.map(ofContainer) }),
    ...(containerStatuses && { containerStatuses: containerStatuses.map(ofContainer) }),
  };
}

function keep<T extends object, const Field extends keyof T>(
  from: T,
  fields: readonly Field[],
): Pick<T, Field> {
  const kept: Partial<Pick<T, Field>> = {};
  for (const field of fields) if (from[field] !== undefined) kept[field] = from[field];
  return kept as Pick<T, Field>;
}
