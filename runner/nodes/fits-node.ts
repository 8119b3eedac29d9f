import { type JsonObject, objectIn, objectsIn } from '../../internal/json.ts';
import type { KnownNode } from './known-nodes.ts';

/**
 * Whether a Pod's template selects a node: by `nodeName`, `nodeSelector` and the required node affinity. One of the
 * affinity's terms must hold, with all its requirements. An empty term selects no node.
 */
export function selectsNode(spec: JsonObject, { metadata = {} }: KnownNode): boolean {
  const { name = '' } = metadata;
  const labels = new Map(Object.entries(metadata.labels ?? {}));
  if (typeof spec.nodeName === 'string' && spec.nodeName !== '' && spec.nodeName !== name) return false;
  const selector = Object.entries(objectIn(spec, 'nodeSelector'));
  if (!selector.every(([key, value]) => labels.get(key) === value)) return false;
  const affinity = objectIn(objectIn(spec, 'affinity'), 'nodeAffinity');
  const terms = objectsIn(
    objectIn(affinity, 'requiredDuringSchedulingIgnoredDuringExecution'),
    'nodeSelectorTerms',
  );
  // The only field that can select a node (Kubernetes API, NodeSelectorTerm).
  const fields = new Map([['metadata.name', name]]);
  const holds = (term: JsonObject) => {
    const byLabels = objectsIn(term, 'matchExpressions');
    const byFields = objectsIn(term, 'matchFields');
    if (byLabels.length + byFields.length === 0) return false;
    return byLabels.every((it) => isMet(it, labels)) && byFields.every((it) => isMet(it, fields));
  };
  return terms.length === 0 || terms.some(holds);
}

/** Whether a Pod's template tolerates the taints that keep Pods off a node. */
export function toleratesNode(spec: JsonObject, node: KnownNode): boolean {
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

/** Applies an operator of a node selector (Kubernetes API, NodeSelectorRequirement). */
function isMet({ key, operator, values }: JsonObject, of: ReadonlyMap<string, string>): boolean {
  const label = of.get(String(key));
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
      return integer(label) > integer(list[0]);
    case 'Lt':
      return integer(label) < integer(list[0]);
    default:
      // The API server refuses a Pod with another operator, and says why.
      return true;
  }
}

/** NaN if the text is not an integer: it is neither more nor less than anything. */
function integer(text = ''): number {
  return /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
}
