import { RE2JS } from 're2js';
import { isObject, type JsonObject } from '../../internal/json.ts';
import { initContainerName, isJobContainer, loggingContainerName, volumeNames } from '../names/names.ts';
import { kindOf } from '../schema/describe-issue.ts';
import { parseYaml, ResourceClassesError } from './parse-yaml.ts';
import { checkResources } from './quantity.ts';
import {
  dottedName,
  type ImagePattern,
  type ResourceClass,
  type ResourceClasses,
  type ServiceRules,
} from './resource-classes.ts';

/**
 * Reads the task Pod configuration, the YAML that the chart puts into the ConfigMap's key `taskpods`.
 *
 * @returns the classes, and a warning for each unknown key
 * @throws ResourceClassesError
 */
export function readResourceClasses(yaml: string): { classes: ResourceClasses; warnings: string[] } {
  const reader = new Reader();
  const root = reader.object(parseYaml(yaml), '');
  reader.warnOfUnknown(root, '', ['resourceClasses', 'serviceContainers', 'runnerInitResources']);
  const entries = Object.entries(reader.objectIn(root, 'resourceClasses', ''));
  reader.warnOfNames(entries.map(([name]) => name));
  const initResources = root.runnerInitResources;
  const classes: ResourceClasses = {
    byDottedName: new Map(
      entries.map(([name, entry]) => [
        dottedName(name),
        reader.resourceClass(entry, `resourceClasses.${name}`),
      ]),
    ),
    services: reader.serviceRules(root, ''),
    initResources:
      initResources === undefined || initResources === null
        ? undefined
        : reader.resources(initResources, 'runnerInitResources'),
  };
  return { classes, warnings: reader.warnings };
}

const ownVolumes = Object.values(volumeNames);
/** Whether a container that this program adds to Pods has the name. */
function isOwnContainer(name: unknown): boolean {
  return typeof name === 'string' && (isJobContainer(name) || ownContainers.has(name));
}

const ownContainers = new Set<string>([initContainerName, loggingContainerName]);
const matchTypes = ['exact', 'prefix', 'pattern', 'default'] as const;

class Reader {
  readonly warnings: string[] = [];

  resourceClass(value: unknown, path: string): ResourceClass {
    const entry = this.object(value ?? {}, path);
    this.warnOfUnknown(entry, path, [
      'metadata',
      'spec',
      'serviceContainers',
      'enableUnsafeRetries',
      'token',
    ]);
    const unsafeRetries = entry.enableUnsafeRetries ?? false;
    if (typeof unsafeRetries !== 'boolean')
      throw wrong(`${path}.enableUnsafeRetries`, 'true or false', unsafeRetries);
    const spec = this.objectIn(entry, 'spec', path);
    this.#checkContainers(spec, `${path}.spec`);
    return {
      metadata: this.#metadata(entry, path),
      spec,
      services: this.serviceRules(entry, path),
      unsafeRetries,
    };
  }

  serviceRules(parent: JsonObject, path: string): ServiceRules {
    const at = join(path, 'serviceContainers');
    const rules = this.objectIn(parent, 'serviceContainers', path);
    const unknown = Object.keys(rules).find((key) => !matchTypes.some((type) => type === key));
    if (unknown !== undefined)
      throw new ResourceClassesError(
        `${at}.${unknown} is not a way to match images: expected ${matchTypes.join(', ')}.`,
      );
    const bySpec = (type: string) =>
      Object.entries(this.objectIn(rules, type, at)).map(
        ([key, spec]) => [key, this.#containerSpec(spec, `${at}.${type}.${key}`)] as const,
      );
    const fallback = rules.default ?? undefined;
    return {
      exact: new Map(bySpec('exact')),
      prefix: new Map(bySpec('prefix')),
      pattern: bySpec('pattern').map(([expression, spec]) => compile(expression, spec, `${at}.pattern`)),
      default: fallback === undefined ? undefined : this.#containerSpec(fallback, `${at}.default`),
    };
  }

  resources(value: unknown, path: string): JsonObject {
    const resources = this.object(value, path);
    const problem = checkResources(resources);
    if (problem !== undefined) throw new ResourceClassesError(`${path}.${problem}`);
    return resources;
  }

  object(value: unknown, path: string): JsonObject {
    if (!isObject(value)) throw wrong(path, 'an object', value);
    return value;
  }

  objectIn(parent: JsonObject, field: string, path: string): JsonObject {
    return this.object(parent[field] ?? {}, join(path, field));
  }

  warnOfUnknown(value: JsonObject, path: string, known: readonly string[]): void {
    for (const key of Object.keys(value)) {
      if (!known.includes(key))
        this.warnings.push(`${join(path, key)} is unknown here; expected ${known.join(', ')}`);
    }
  }

  warnOfNames(names: readonly string[]): void {
    const byDottedName = new Map<string, string>();
    for (const name of names) {
      const same = byDottedName.get(dottedName(name));
      byDottedName.set(dottedName(name), name);
      if (same !== undefined)
        this.warnings.push(`resourceClasses.${same} is ignored; ${name} is the same class`);
      if (!/[./]/.test(name))
        this.warnings.push(`resourceClasses.${name} has no namespace; expected namespace/name`);
    }
  }

  #metadata(entry: JsonObject, path: string): JsonObject {
    const metadata = this.objectIn(entry, 'metadata', path);
    for (const field of ['labels', 'annotations']) {
      for (const [key, value] of Object.entries(this.objectIn(metadata, field, `${path}.metadata`))) {
        if (typeof value !== 'string')
          throw wrong(`${path}.metadata.${field}.${key}`, 'a string (in quotes)', value);
      }
    }
    return metadata;
  }

  #checkContainers(spec: JsonObject, path: string): void {
    for (const field of ['containers', 'initContainers']) {
      for (const [index, container] of this.#list(spec, field, path).entries()) {
        const at = `${path}.${field}[${index}]`;
        // A null container has a place in the list: without it, the next one would be the template of the primary one.
        const { name } = this.#containerSpec(this.object(container, at), at);
        // The first container is the template of the primary one, and gets its name.
        const isOwn = isOwnContainer(name) && (field === 'initContainers' || index > 0);
        if (isOwn)
          throw new ResourceClassesError(
            `${at}.name is ${name}, a container of the container runner itself.`,
          );
      }
    }
    this.#checkExtended(spec, ['volumes', 'imagePullSecrets', 'hostAliases'], path);
  }

  #list(parent: JsonObject, field: string, path: string): readonly unknown[] {
    const list = parent[field] ?? [];
    if (!Array.isArray(list)) throw wrong(`${path}.${field}`, 'an array', list);
    return list;
  }

  /** Checks the lists that this program extends: any other value there would be lost. */
  #checkExtended(parent: JsonObject, fields: readonly string[], path: string): void {
    for (const field of fields) {
      for (const [index, entry] of this.#list(parent, field, path).entries()) {
        const at = `${path}.${field}[${index}]`;
        const { name } = this.object(entry, at);
        if (/^volume/.test(field) && ownVolumes.some((own) => own === name))
          throw new ResourceClassesError(`${at}.name is ${name}, a volume of the container runner itself.`);
      }
    }
  }

  #containerSpec(value: unknown, path: string): JsonObject {
    const spec = this.object(value ?? {}, path);
    this.#checkExtended(spec, ['env', 'ports', 'volumeMounts'], path);
    if (spec.resources !== undefined && spec.resources !== null)
      this.resources(spec.resources, `${path}.resources`);
    return spec;
  }
}

/** RE2 searches in linear time, whatever the expression. Like Go's MatchString, it matches anywhere in the text. */
function compile(expression: string, spec: JsonObject, path: string): ImagePattern {
  try {
    const compiled = RE2JS.compile(expression);
    return { expression, spec, matches: (image) => compiled.matcher(image).find() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ResourceClassesError(
      `${path}.${expression} is not a regular expression in Go's syntax: ${reason}.`,
    );
  }
}

function join(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}

function wrong(path: string, expected: string, value: unknown): ResourceClassesError {
  return new ResourceClassesError(
    `${path === '' ? 'it' : path} must be ${expected}, but is ${kindOf(value)}.`,
  );
}
