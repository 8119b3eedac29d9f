import { parser } from '@prometheus-io/lezer-promql';
import type { Metric } from './metric-catalog.ts';

type Node = ReturnType<typeof parser.parse>['topNode'];

/** Labels that Prometheus adds to what it scrapes. */
const targetLabels = ['job', 'instance', 'namespace', 'pod'];
/** Labels whose values nobody can list. */
const openLabels = ['resource_class', 'code', 'version', 'resource', 'le', ...targetLabels];
const forCounters = ['rate', 'increase'];
const forGauges = ['changes', 'avg_over_time', 'max_over_time', 'min_over_time'];

/**
 * The mistakes in a query: its syntax, an unknown metric, label or value, or a function for another type of metric.
 * Grafana's variables may be used in their places.
 */
export function findMistakes(query: string, metrics: ReadonlyMap<string, Metric>): string[] {
  const text = query.replaceAll('$__rate_interval', '5m');
  const nodes = listNodes(parser.parse(text).topNode);
  const textOf = ({ from, to }: Node) => text.slice(from, to);
  const broken = nodes.find(({ type }) => type.isError);
  if (broken !== undefined) return [`the syntax, at ${broken.from}`];
  const selectors = nodes.filter(({ name }) => name === 'VectorSelector');
  const known = new Set([...targetLabels, 'le']);
  const mistakes = selectors.flatMap((selector) => {
    const name = textOf(selector.firstChild ?? selector);
    const [, base = name, part] = /^(.*)_(bucket|sum|count)$/.exec(name) ?? [];
    const metric = metrics.get(name) ?? metrics.get(base);
    if (metric === undefined) return [`there is no ${name}`];
    for (const label of metric.labels.keys()) known.add(label);
    return [
      ...findWrongMatchers(selector, name, metric, textOf),
      ...findWrongFunctions(selector, name, part === undefined ? metric.type : part, textOf),
    ];
  });
  const grouped = listGroupingLabels(nodes, textOf).filter((label) => !known.has(label));
  return [...mistakes, ...grouped.map((label) => `nothing has the label ${label}`)];
}

/** The labels by which a query groups, so that its results have them. */
export function listGroupings(query: string): string[] {
  const text = query.replaceAll('$__rate_interval', '5m');
  return listGroupingLabels(listNodes(parser.parse(text).topNode), ({ from, to }) => text.slice(from, to));
}

function listNodes(node: Node): Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return [node, ...children.flatMap(listNodes)];
}

function listGroupingLabels(nodes: readonly Node[], textOf: (node: Node) => string): string[] {
  return nodes
    .filter(({ name, parent }) => name === 'LabelName' && parent?.name === 'GroupingLabels')
    .map(textOf);
}

function findWrongMatchers(
  selector: Node,
  name: string,
  { labels }: Metric,
  textOf: (node: Node) => string,
): string[] {
  const matchers = listNodes(selector).filter(({ name }) => name === 'UnquotedLabelMatcher');
  return matchers.flatMap((matcher) => {
    const [label = '', operator = '', quoted = ''] = [
      matcher.firstChild,
      matcher.firstChild?.nextSibling,
      matcher.lastChild,
    ].map((node) => (node ? textOf(node) : ''));
    const value = quoted.slice(1, -1);
    if (targetLabels.includes(label)) return [];
    if (!labels.has(label) && label !== 'le') return [`${name} has no label ${label}`];
    if (openLabels.includes(label) || value.includes('$')) return [];
    const values = operator.endsWith('~') ? value.split('|') : [value];
    return values.filter((it) => !labels.get(label)?.has(it)).map((it) => `no ${label} of ${name} is ${it}`);
  });
}

/** @param type of the metric, or which part of a histogram it is */
function findWrongFunctions(
  selector: Node,
  name: string,
  type: string,
  textOf: (node: Node) => string,
): string[] {
  const outer: string[] = [];
  for (let node = selector.parent; node !== null; node = node.parent)
    if (node.name === 'FunctionCall' && node.firstChild !== null) outer.push(textOf(node.firstChild));
  const counts = type !== 'gauge';
  const isCounted = outer.some((it) => forCounters.includes(it));
  const isLevel = outer.some((it) => forGauges.includes(it));
  const isQuantile = outer.includes('histogram_quantile');
  return [
    ...(counts && !isCounted ? [`${name} only grows: ask for its rate or increase`] : []),
    ...(!counts && isCounted ? [`${name} is a gauge, which has no rate`] : []),
    ...(counts && isLevel ? [`${name} only grows, which is no level`] : []),
    ...(isQuantile !== (type === 'bucket')
      ? [`histogram_quantile is for buckets, and they are for it: ${name}`]
      : []),
  ];
}
