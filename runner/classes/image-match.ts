import type { JsonObject } from '../../internal/json.ts';
import type { ServiceRules } from './resource-classes.ts';

/** The origin of a service container's spec, in the words of the annotation. */
export interface SpecOrigin {
  readonly selectionScope: 'resource-class' | 'global';
  readonly imageMatchType: 'exact' | 'prefix' | 'pattern' | 'default';
}

export interface MatchedSpec {
  readonly spec: JsonObject;
  readonly origin: SpecOrigin;
}

const matchTypes: readonly {
  readonly type: SpecOrigin['imageMatchType'];
  readonly find: (rules: ServiceRules, image: string) => JsonObject | undefined;
}[] = [
  { type: 'exact', find: ({ exact }, image) => exact.get(image) },
  { type: 'prefix', find: ({ prefix }, image) => longestPrefix(prefix, image) },
  { type: 'pattern', find: ({ pattern }, image) => pattern.find(({ matches }) => matches(image))?.spec },
  { type: 'default', find: (rules) => rules.default },
];

/**
 * Chooses the container spec for a service container. The kinds of rules have an order, and within each kind the
 * class's own rules come before those for all classes.
 *
 * @returns undefined if no rule matches
 */
export function matchImage(
  image: string,
  classRules: ServiceRules,
  globalRules: ServiceRules,
): MatchedSpec | undefined {
  for (const { type, find } of matchTypes) {
    const own = find(classRules, image);
    if (own) return { spec: own, origin: { selectionScope: 'resource-class', imageMatchType: type } };
    const global = find(globalRules, image);
    if (global) return { spec: global, origin: { selectionScope: 'global', imageMatchType: type } };
  }
  return undefined;
}

function longestPrefix(prefixes: ReadonlyMap<string, JsonObject>, image: string): JsonObject | undefined {
  const matching = [...prefixes].filter(([prefix]) => image.startsWith(prefix));
  return matching.reduce<[string, JsonObject] | undefined>(
    (longest, entry) => (longest !== undefined && longest[0].length >= entry[0].length ? longest : entry),
    undefined,
  )?.[1];
}
