/** A metric, as far as a scrape shows it. */
export interface Metric {
  readonly type: string;
  /** The values that each label has, by its name. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The metrics of a page in Prometheus' text format, by name. A histogram's buckets are not metrics of their own. */
export function readMetrics(text: string): Map<string, Metric> {
  return new Map(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => {
      const labels = new Map<string, Set<string>>();
      for (const [, pairs = ''] of text.matchAll(new RegExp(`^${name}(?:_sum)?\\{([^}]*)\\}`, 'gm'))) {
        for (const [, label = '', value = ''] of pairs.matchAll(/(\w+)="([^"]*)"/g))
          labels.set(label, (labels.get(label) ?? new Set()).add(value));
      }
      return [name, { type, labels }];
    }),
  );
}
