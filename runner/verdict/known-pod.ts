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
 * The part of each Pod and event that is kept while its task lasts. It is a fraction of the API server's object. The
 * types only have the kept fields, so reading any other field does not compile. Add further fields here.
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
const specFields = ['nodeName', 'terminationGracePeriodSeconds', 'activeDeadlineSeconds'] as const;
const containerFields = ['name', 'image', 'restartPolicy', 'resources'] as const;
const statusFields = ['phase', 'reason', 'message', 'podIP'] as const;
const conditionFields = ['type', 'status', 'reason', 'message'] as const;
const containerStatusFields = ['name', 'ready', 'state', 'lastState'] as const;
const eventFields = ['type', 'reason', 'message', 'count'] as const;
const eventMetadataFields = ['name', 'uid', 'resourceVersion'] as const;
const involvedFields = ['name', 'uid', 'fieldPath'] as const;

export type KnownMetadata = Kept<ObjectMeta, typeof metadataFields>;

type Kept<T, Fields extends readonly (keyof T)[]> = Readonly<Pick<T, Fields[number]>>;

/** A Pod with only the fields that this program reads. Every `Pod` is one, too. */
export interface KnownPod {
  readonly metadata?: KnownMetadata;
  readonly spec?: KnownSpec;
  readonly status?: KnownPodStatus;
}

interface KnownSpec extends Kept<PodSpec, typeof specFields> {
  readonly initContainers?: readonly KnownContainer[];
  readonly containers: readonly KnownContainer[];
}

/** A container of the created Pod, with only the names of its variables and ports. */
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

/** The kubelet's status of a container. */
export type KnownContainerStatus = Kept<ContainerStatus, typeof containerStatusFields>;

/** An event with only the fields that this program reads. Every `Event` is one, too. */
export interface KnownEvent extends Kept<Event, typeof eventFields> {
  readonly metadata: Kept<ObjectMeta, typeof eventMetadataFields>;
  readonly involvedObject: Kept<Event['involvedObject'], typeof involvedFields>;
}

/**
 * The fields of a Pod that this program reads, so that the Pod itself can be freed. A malformed Pod stays as it is: it
 * fails its reader, not the watch that has brought it.
 */
export function knownPod(pod: Pod): KnownPod {
  try {
    const { metadata, spec, status } = pod;
    return {
      ...(metadata && { metadata: knownMetadata(metadata) }),
      ...(spec && { spec: knownSpec(spec) }),
      ...(status && { status: knownStatus(status) }),
    };
  } catch {
    return pod;
  }
}

/** The fields of an object's metadata that this program reads. */
function knownMetadata(metadata: ObjectMeta): KnownMetadata {
  return keep(metadata, metadataFields);
}

/** The fields of an event that this program reads, like {@link knownPod}. */
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
