import type { MetricRegistry } from './metric-registry.ts';

/** Whether a replica runs tasks. A draining replica is not ready, but nothing is wrong with it. */
const replicaStates = ['ready', 'not-ready', 'draining'] as const;
export type ReplicaState = (typeof replicaStates)[number];

/** Values that are read at each scrape. */
export interface Gauges {
  readonly state: () => ReplicaState;
  /** Whether each class can claim, by its dotted name. */
  readonly classes: () => ReadonlyMap<string, boolean>;
  /** Tasks of this replica by phase. */
  readonly tasks: () => Readonly<Record<'pending' | 'running', number>>;
  readonly slots: number;
  readonly slotsUsed: () => number;
  /** The time since the runner API last answered a claim, by class, s. */
  readonly answerAges: () => ReadonlyMap<string, number>;
  /** Whether the classes are those of the file. */
  readonly configurationAccepted: () => boolean;
}

/** Adds the values that are read at each scrape. */
export function addGauges(registry: MetricRegistry, gauges: Gauges): void {
  registry.gauge('replica_state', 'The state of this replica: 1, of the others: 0.', ['state'], (gauge) => {
    const current = gauges.state();
    for (const state of replicaStates) gauge.set({ state }, Number(state === current));
  });
  registry.gauge(
    'resource_class_ready',
    'Whether the resource class can claim. Absent while this replica drains.',
    ['resource_class'],
    (gauge) => {
      gauge.reset();
      if (gauges.state() === 'draining') return;
      for (const [name, isReady] of gauges.classes()) gauge.set({ resource_class: name }, Number(isReady));
    },
  );
  registry.gauge('tasks', 'Tasks of this replica by phase.', ['phase'], (gauge) => {
    for (const [phase, count] of Object.entries(gauges.tasks())) gauge.set({ phase }, count);
  });
  registry.gauge('slots', 'Places for tasks, and those in use.', ['state'], (gauge) => {
    const used = gauges.slotsUsed();
    gauge.set({ state: 'all' }, gauges.slots);
    gauge.set({ state: 'used' }, used);
    const free = gauges.state() === 'draining' ? 0 : Math.max(gauges.slots - used, 0);
    gauge.set({ state: 'free' }, free);
  });
  registry.gauge(
    'configuration_accepted',
    'Whether the task Pod configuration in force is that of the file.',
    [],
    (gauge) => gauge.set(Number(gauges.configurationAccepted())),
  );
  registry.gauge(
    'claim_answer_age_seconds',
    'Since the runner API last answered a claim, or the class began to claim.',
    ['resource_class'],
    (gauge) => {
      gauge.reset();
      for (const [resourceClass, age] of gauges.answerAges())
        gauge.set({ resource_class: resourceClass }, age);
    },
  );
}
