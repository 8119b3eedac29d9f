import { randomBytes } from 'node:crypto';

/** The prefix by which the orchestrator, and CircleCI, tell a task's host name from others. */
const prefix = 'ccita';
/** RFC 1123, "DNS label": the host name of a Pod is its name. */
const longestLabel = 63;
const randomDigits = 8;

/**
 * A name for a task's Pod that no other has: `ccita-<task id>-<n>-<random>`. The number is 0, as a task that is handed
 * back comes again as another claim.
 *
 * @param random 8 characters that a DNS label may have
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

/** Whether an object is called as those of tasks are, by this and by other container runners. */
export function isTaskName(name: string): boolean {
  return name.startsWith(`${prefix}-`);
}

function dnsLabel(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** What may be the value of a label: at most 63 characters, letters and digits at both ends (Kubernetes, "Labels"). */
export function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, longestLabel)
    .replace(/^[._-]+|[._-]+$/g, '');
}

/** What the objects of this program have in common; all of it is set at creation, as we may not change it later. */
export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  instance: 'container-agent-instance',
} as const;

export const managedBy = 'circleci-container-agent';

/** What a later owner of a Pod or Secret must know of its task. */
export const annotations = {
  taskId: 'app.circleci.com/task-id',
  allocation: 'app.circleci.com/allocation',
  resourceClass: 'app.circleci.com/resource-class',
  unsafeRetries: 'app.circleci.com/unsafe-retries',
} as const;

/** The annotation that says where the spec of a service container comes from, by its number. */
export function specAnnotation(index: number): string {
  return `app.circleci.com/container-spec-secondary-${index}`;
}

/** The names of the containers that are ours; those of the job are `container-<n>`, the first of them the primary. */
export const initContainerName = 'container-agent-init';
export const loggingContainerName = 'container-agent-logs';

/** The name of a job's container. @param index its number in the job; 0 is the primary container */
export function containerName(index: number): string {
  return `container-${index}`;
}

/** The volumes that are ours. A template may not mount them: one has the credentials of the logging container. */
export const volumeNames = {
  binaries: 'container-agent-bin',
  readiness: 'container-agent-services',
  loggingToken: 'container-agent-logs-token',
} as const;

/** The keys of a task's Secret. */
export const secretKeys = {
  /** The orchestrator's configuration. */
  config: 'config',
  /** The task's token, for the logging container, and for who takes over after a crash. */
  token: 'task-token',
  proxy: (variable: string) => `proxy.${variable}`,
  environment: (container: number, variable: string) => `env.${container}.${variable}`,
} as const;

/** The Secret for the registries, which has a type of its own and so cannot be the task's. */
export function registrySecretName(pod: string): string {
  return `${pod}-registry`;
}
