import { matchImage, type SpecOrigin } from '../classes/image-match.ts';
import { isObject, type JsonObject, objectIn } from '../json.ts';
import type { DockerEntry } from '../task-configuration/task-configuration.ts';
import { containerEnvironment } from './environment.ts';
import { containerName } from './names.ts';
import type { PodPlan } from './pod-plan.ts';

export interface ServiceContainer {
  readonly container: JsonObject;
  /** Its number in the job, from 1. */
  readonly index: number;
  readonly image: string;
  /** Undefined where no rule matched. */
  readonly origin: SpecOrigin | undefined;
  /** What an operator might not expect of it. */
  readonly notes: readonly string[];
}

/** The service containers of a job, each with the spec that the operator's rules give it. */
export function buildServiceContainers(plan: PodPlan, primaryTemplate: JsonObject): ServiceContainer[] {
  return plan.task.docker.slice(1).map((entry, position) => {
    const index = position + 1;
    const { resourceClass, settings } = plan;
    const matched = matchImage(entry.image, resourceClass.services, settings.globalServices);
    const template = matched?.spec ?? primaryTemplate;
    const { args: _args, command: _command, workingDir: _workingDir, ...rest } = template;
    const user = numericUser(entry.user);
    const container: JsonObject = {
      ...rest,
      name: containerName(index),
      image: entry.image,
      ...(entry.entrypoint === undefined ? {} : { command: entry.entrypoint }),
      ...(entry.command === undefined ? {} : { args: entry.command }),
      env: containerEnvironment(plan, index, template),
      ...(user === undefined
        ? {}
        : { securityContext: { ...objectIn(template, 'securityContext'), ...user } }),
    };
    const notes = matched === undefined ? copiedResources(entry, template) : [];
    const named = entry.user !== undefined && user === undefined ? [namedUser(entry, index)] : [];
    return { container, index, image: entry.image, origin: matched?.origin, notes: [...notes, ...named] };
  });
}

/** Kubernetes knows users by number only: `1000` or `1000:1000`. */
function numericUser(user: string | undefined): JsonObject | undefined {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(user ?? '') ?? [];
  if (uid === undefined) return undefined;
  return { runAsUser: Number(uid), ...(gid === undefined ? {} : { runAsGroup: Number(gid) }) };
}

function namedUser({ image, user }: DockerEntry, index: number): string {
  return `${containerName(index)} (image ${image}) runs as the user of its image and not as ${user}: Kubernetes takes numbers only.`;
}

/** Devices are counted by resources with a domain in their name: a GPU for each service is hardly what was meant. */
function copiedResources({ image }: DockerEntry, template: JsonObject): string[] {
  const resources = objectIn(template, 'resources');
  const lists = [resources.requests, resources.limits].filter(isObject);
  const extended = new Set(lists.flatMap((list) => Object.keys(list)).filter((name) => name.includes('/')));
  return [...extended].map(
    (name) =>
      `the service ${image} asks for ${name}, too, as no rule under serviceContainers matches it and it gets the spec of the primary container.`,
  );
}
