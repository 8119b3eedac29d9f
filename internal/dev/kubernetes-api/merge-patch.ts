import { isObject } from '../../json.ts';

/** Merges a patch into a value: RFC 7396. */
export function mergePatch(value: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(value) ? { ...value } : {};
  for (const [name, part] of Object.entries(patch)) {
    if (part === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], part);
  }
  return merged;
}
