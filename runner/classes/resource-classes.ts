import type { JsonObject } from '../../internal/json.ts';

/** An operator's configuration for the Pods of one resource class. */
export interface ResourceClass {
  /** Parts of a Pod, exactly as written: fields that this program does not know must not be lost. */
  readonly metadata: JsonObject;
  readonly spec: JsonObject;
  readonly services: ServiceRules;
  /** Whether a task is handed back even if steps of its job may have run. */
  readonly unsafeRetries: boolean;
}

/** Maps the image of a service container to a container spec. */
export interface ServiceRules {
  /** By the full name of the image. */
  readonly exact: ReadonlyMap<string, JsonObject>;
  /** By the beginning of the name. */
  readonly prefix: ReadonlyMap<string, JsonObject>;
  /** By an expression that matches anywhere in the name, in the order of the file. */
  readonly pattern: readonly ImagePattern[];
  readonly default: JsonObject | undefined;
}

export interface ImagePattern {
  /** In Go's syntax. */
  readonly expression: string;
  readonly matches: (image: string) => boolean;
  readonly spec: JsonObject;
}

/** The task Pod configuration. */
export interface ResourceClasses {
  /** By their dotted names, `namespace.name`: the chart cannot write a slash into the key of a Secret. */
  readonly byDottedName: ReadonlyMap<string, ResourceClass>;
  readonly services: ServiceRules;
  /** For the init container. Undefined: this program's own. */
  readonly initResources: JsonObject | undefined;
}

export const noRules: ServiceRules = { exact: new Map(), prefix: new Map(), pattern: [], default: undefined };

/** A class with a token, but without an entry in the file. */
export const emptyClass: ResourceClass = { metadata: {}, spec: {}, services: noRules, unsafeRetries: false };

/** The form in which Secrets and the configuration write `my-namespace/my-class`. */
export function dottedName(resourceClass: string): string {
  return resourceClass.replaceAll('/', '.');
}
