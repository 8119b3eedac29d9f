import type { JsonObject } from '../json.ts';

/** What an operator says of the Pods of one resource class. */
export interface ResourceClass {
  /** Parts of a Pod, exactly as they were written: no field may be lost because this program does not know it. */
  readonly metadata: JsonObject;
  readonly spec: JsonObject;
  readonly services: ServiceRules;
  /** Hand a task back even if steps of its job may have run. */
  readonly unsafeRetries: boolean;
}

/** Which container spec a service container gets, by its image. */
export interface ServiceRules {
  /** By the whole name of the image. */
  readonly exact: ReadonlyMap<string, JsonObject>;
  /** By the beginning of the name. */
  readonly prefix: ReadonlyMap<string, JsonObject>;
  /** By an expression that is found anywhere in the name; in the order of the file. */
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
  /** Of the init container; undefined: those of this program. */
  readonly initResources: JsonObject | undefined;
}

export const noRules: ServiceRules = { exact: new Map(), prefix: new Map(), pattern: [], default: undefined };

/** A class that has a token and no entry in the file. */
export const emptyClass: ResourceClass = { metadata: {}, spec: {}, services: noRules, unsafeRetries: false };

/** `my-namespace/my-class` as it is written in Secrets and in the configuration. */
export function dottedName(resourceClass: string): string {
  return resourceClass.replaceAll('/', '.');
}
