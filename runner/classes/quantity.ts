import { isObject, type Json, type JsonObject } from '../json.ts';

/** Kubernetes' quantities: a number with a suffix of ten or of two, or an exponent (apimachinery, resource.Quantity). */
const quantity = /^[+-]?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;

/**
 * Looks whether `requests` and `limits` have quantities in them, which YAML may have made numbers.
 *
 * @returns undefined if so, else one line that begins with the path below `resources`
 */
export function checkResources(resources: JsonObject): string | undefined {
  for (const field of ['requests', 'limits']) {
    const list = resources[field] ?? {};
    if (!isObject(list)) return `${field} must be an object of quantities, such as cpu: 500m.`;
    for (const [name, value] of Object.entries(list)) {
      if (!isQuantity(value))
        return `${field}.${name} is not a quantity: expected for example 2, 500m or 1.5Gi.`;
    }
  }
  return undefined;
}

function isQuantity(value: Json): boolean {
  return (
    (typeof value === 'number' && Number.isFinite(value)) ||
    (typeof value === 'string' && quantity.test(value))
  );
}
