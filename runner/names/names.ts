import { randomBytes } from 'node:crypto';

/** The prefix by which the orchestrator and CircleCI recognize a task's host name. */
const prefix = 'ccita';
/** RFC 1123, "DNS label": the name of a Pod is also its host name. */
const longestLabel = 63;
const randomDigits = 8;

/**
 * A unique name for a task's Pod: `ccita-<task id>-<n>-<random>`. The number is 0, because a task that is handed back
 * returns as a new claim.
 *
 * @param random 8 characters that are valid in a DNS label
 */
export function podName(
  taskId: string,
  random: string = randomBytes(randomDigits / 2).toString('hex'),
): string {
  const tail = `-0-${random}`;
  const room = longestLabel - prefix.length - 1 - tail.length;
  const id = dnsLabel(taskId).slice(0, room).replace(/-+$/, '');
  return `${prefix}-${id === '' ? 'task' : id}${tail}`;
}

/** Whether an object has a name of the form that this and other container runners give to tasks' objects. */
export function isTaskName(name: string): boolean {
  return name.startsWith(`${prefix}-`);
}

function dnsLabel(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** Turns a text into a label's value: at most 63 characters, letters or digits at both ends (Kubernetes, "Labels"). */
export function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, longestLabel)
    .replace(/^[._-]+|[._-]+$/g, '');
}

/** The labels of this program's objects. They are set at creation, because we may not change them later. */
export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  instance: 'container-agent-instance',
} as const;

export const managedBy = 'circleci-container-agent';

/** The facts about a task that a later owner of its Pod or Secret needs. */
export const annotations = {
  taskId: 'app.circleci.com/task-id',
  allocation: 'app.circleci.com/allocation',
  resourceClass: 'app.circleci.com/resource-class',
  unsafeRetries: 'app.circleci.com/unsafe-retries',
} as const;

/** The annotation with the origin of a service container's spec. @param index the container's number */
export function specAnnotation(index: number): string {
  return `app.circleci.com/container-spec-secondary-${index}`;
}

/** The names of our own containers. Those of the job are `container-<n>`, and the first of them is the primary. */
export const initContainerName = 'container-agent-init';
export const loggingContainerName = 'container-agent-logs';

/** The name of a job's container. @param index its number in the job; 0 is the primary container */
export function containerName(index: number): string {
  return `container-${index}`;
}

/** Whether a container is one of the job's. */
export function isJobContainer(name: string): boolean {
  return /^container-\d+$/.test(name);
}

/** Our own volumes. A template may not mount them: one has the credentials of the logging container. */
export const volumeNames = {
  binaries: 'container-agent-bin',
  readiness: 'container-agent-services',
  loggingToken: 'container-agent-logs-token',
} as const;

/** The keys of a task's Secret. */
export const secretKeys = {
  /** The orchestrator's configuration. */
  config: 'config',
  /** The task's token, for the logging container, and for an instance that takes over after a crash. */
  token: 'task-token',
  proxy: (variable: string) => `proxy.${variable}`,
  environment: (container: number, variable: string) => `env.${container}.${variable}`,
} as const;

/** The Secret for the registries. It needs another type than the task's Secret. */
export function registrySecretName(pod: string): string {
  return `${pod}-registry`;
}
