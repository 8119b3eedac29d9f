import { isObject, type JsonObject, objectIn } from '../../internal/json.ts';
import { matchImage, type SpecOrigin } from '../classes/image-match.ts';
import { containerName } from '../names/names.ts';
import type { DockerEntry } from '../task-configuration/task-configuration.ts';
import { containerEnvironment } from './environment.ts';
import type { PodPlatform } from './platform.ts';
import type { PodPlan } from './pod-plan.ts';

export interface ServiceContainer {
  readonly container: JsonObject;
  /** Its number in the job, from 1. */
  readonly index: number;
  readonly image: string;
  /** Undefined if no rule matched. */
  readonly origin: SpecOrigin | undefined;
  /** Facts that an operator might not expect. */
  readonly notes: readonly string[];
}

/** The service containers of a job, each with the spec from the operator's rules. */
export function buildServiceContainers(plan: PodPlan, primaryTemplate: JsonObject): ServiceContainer[] {
  return plan.task.docker.slice(1).map((entry, position) => {
    const index = position + 1;
    const { platform, resourceClass, settings } = plan;
    const matched = matchImage(entry.image, resourceClass.services, settings.globalServices);
    const template = matched?.spec ?? copyOf(primaryTemplate);
    const user = userOf(entry, platform);
    const container: JsonObject = {
      ...(runsOwnProgram(entry) ? withoutProgram(template) : template),
      name: containerName(index),
      image: entry.image,
      ...(entry.entrypoint === undefined ? {} : { command: literal(entry.entrypoint) }),
      ...(entry.command === undefined ? {} : { args: literal(entry.command) }),
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

/** A job's entrypoint or command replaces both, as with `docker run`. */
function runsOwnProgram({ command, entrypoint }: DockerEntry): boolean {
  return entrypoint !== undefined || command !== undefined;
}

function withoutProgram({ args: _args, command: _command, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** The spec of the primary container without the fields that this program overwrites. */
function copyOf(primaryTemplate: JsonObject): JsonObject {
  const { workingDir: _workingDir, ...rest } = withoutProgram(primaryTemplate);
  return rest;
}

/** Escapes `$(NAME)`, which Kubernetes expands and Docker does not. `$$` stands for a dollar sign. */
function literal(words: readonly string[]): string[] {
  return words.map((word) => word.replaceAll('$', '$$$$'));
}

/** Kubernetes accepts Linux users only as numbers: `1000` or `1000:1000`. */
function userOf({ user = '' }: DockerEntry, { os }: PodPlatform): JsonObject | undefined {
  if (os === 'windows') return user === '' ? undefined : { windowsOptions: { runAsUserName: user } };
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(user) ?? [];
  if (uid === undefined) return undefined;
  return { runAsUser: Number(uid), ...(gid === undefined ? {} : { runAsGroup: Number(gid) }) };
}

function namedUser({ image, user }: DockerEntry, index: number): string {
  return `${containerName(index)} (image ${image}) runs as the user of its image and not as ${user}: Kubernetes takes numbers only.`;
}

/** Finds resources with a domain in their name. They are devices: a GPU for each service is hardly intended. */
function copiedResources({ image }: DockerEntry, template: JsonObject): string[] {
  const resources = objectIn(template, 'resources');
  const lists = [resources.requests, resources.limits].filter(isObject);
  const extended = new Set(lists.flatMap((list) => Object.keys(list)).filter((name) => name.includes('/')));
  return [...extended].map(
    (name) =>
      `the service ${image} asks for ${name}, too, as no rule under serviceContainers matches it and it gets the spec of the primary container.`,
  );
}
