import { isObject, type Json, type JsonObject } from '../../internal/json.ts';

/** Quantities of Kubernetes: a number with a decimal or binary suffix or an exponent (apimachinery, Quantity). */
const quantity = /^[+-]?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;

/**
 * Checks that `requests` and `limits` contain quantities. YAML may have turned them into numbers.
 *
 * @returns undefined if they do, or else one line that begins with the path below `resources`
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
