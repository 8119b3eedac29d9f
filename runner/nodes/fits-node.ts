import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { type JsonObject, objectIn, objectsIn } from '../json.ts';

/**
 * Whether a Pod's template may be placed on a node by what it selects: `nodeName`, `nodeSelector`, and the
 * `matchExpressions` of the node affinity that is required. Of terms one has to hold, of a term's expressions all.
 */
export function selectsNode(spec: JsonObject, { metadata = {} }: Node): boolean {
  const { labels = {}, name } = metadata;
  if (typeof spec.nodeName === 'string' && spec.nodeName !== '' && spec.nodeName !== name) return false;
  const selector = Object.entries(objectIn(spec, 'nodeSelector'));
  if (!selector.every(([key, value]) => labels[key] === value)) return false;
  const affinity = objectIn(objectIn(spec, 'affinity'), 'nodeAffinity');
  const terms = objectsIn(
    objectIn(affinity, 'requiredDuringSchedulingIgnoredDuringExecution'),
    'nodeSelectorTerms',
  );
  const holds = (term: JsonObject) =>
    objectsIn(term, 'matchExpressions').every((expression) => isMet(expression, labels));
  return terms.length === 0 || terms.some(holds);
}

/** Whether a Pod's template tolerates what keeps Pods off a node. */
export function toleratesNode(spec: JsonObject, node: Node): boolean {
  const tolerations = objectsIn(spec, 'tolerations');
  const hard = (node.spec?.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule');
  return hard.every(({ effect, key, value = '' }) =>
    tolerations.some(
      (toleration) =>
        (toleration.effect || effect) === effect &&
        (toleration.key || key) === key &&
        (toleration.operator === 'Exists' || (toleration.value ?? '') === value),
    ),
  );
}

type Labels = Readonly<Record<string, string>>;

/** The operators of a node selector: Kubernetes API, NodeSelectorRequirement. */
function isMet({ key, operator, values }: JsonObject, labels: Labels): boolean {
  const label = labels[String(key)];
  const list = Array.isArray(values) ? values.map(String) : [];
  switch (operator) {
    case 'In':
      return label !== undefined && list.includes(label);
    case 'NotIn':
      return label === undefined || !list.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    case 'Gt':
      return label !== undefined && Number(label) > Number(list[0]);
    case 'Lt':
      return label !== undefined && Number(label) < Number(list[0]);
    default:
      // The API server refuses such a Pod, and says why.
      return true;
  }
}
