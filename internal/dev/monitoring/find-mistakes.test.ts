import { expect, test } from 'vitest';
import { findMistakes } from './find-mistakes.ts';
import { readMetrics } from './metric-catalog.ts';

const metrics = readMetrics(`
# TYPE tasks_total counter
tasks_total{end="done",resource_class="a.b"} 1
tasks_total{end="failed",resource_class="a.b"} 1
# TYPE slots gauge
slots{state="all"} 1
# TYPE start_seconds histogram
start_seconds_bucket{le="1",resource_class="a.b"} 1
start_seconds_sum{resource_class="a.b"} 1
start_seconds_count{resource_class="a.b"} 1
`);

test.each([
  'sum by (namespace, end) (rate(tasks_total{end!="done",resource_class=~"$resource_class"}[$__rate_interval]))',
  'slots{state="all",pod="x"} == 1 and on (namespace) max by (namespace) (slots) > 0',
  'histogram_quantile(0.9, sum by (le) (rate(start_seconds_bucket[5m])))',
  'increase(start_seconds_count[5m]) > 5',
  'absent(slots)',
  'avg_over_time(slots[5m])',
])('nothing is wrong with %s', (query) => {
  expect(findMistakes(query, metrics)).toEqual([]);
});

test.each([
  ['rate(tasks_total[5m]', 'the syntax, at 20'],
  ['slot', 'there is no slot'],
  ['slots{status="all"}', 'slots has no label status'],
  ['slots{state="any"}', 'no state of slots is any'],
  ['rate(tasks_total{end=~"done|fails"}[5m])', 'no end of tasks_total is fails'],
  ['sum by (reason) (slots)', 'nothing has the label reason'],
  ['slots == on (reason) slots', 'nothing has the label reason'],
  ['tasks_total > 5', 'tasks_total only grows: ask for its rate or increase'],
  ['avg_over_time(tasks_total[5m])', 'tasks_total only grows, which is no level'],
  ['rate(slots[5m])', 'slots is a gauge, which has no rate'],
  [
    'histogram_quantile(0.9, rate(start_seconds_count[5m]))',
    'histogram_quantile is for buckets, and they are for it: start_seconds_count',
  ],
  [
    'rate(start_seconds_bucket[5m])',
    'histogram_quantile is for buckets, and they are for it: start_seconds_bucket',
  ],
])('finds what is wrong with %s', (query, mistake) => {
  expect(findMistakes(query, metrics)).toContain(mistake);
});
