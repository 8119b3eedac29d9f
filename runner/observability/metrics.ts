import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ClaimOutcome } from '../claims/claim-loop.ts';
import { dottedName } from '../classes/resource-classes.ts';
import type { TaskMetrics } from '../life/world.ts';

/** From a Pod that is there at once to one that waits for a new node and a large image, s. */
const startBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200];

/** What is only known when somebody asks. */
export interface Gauges {
  /** Tasks of this replica by phase. */
  readonly tasks: () => Readonly<Record<'pending' | 'running', number>>;
  readonly slotsUsed: () => number;
  readonly slots: number;
  /** Since the runner API last answered a claim, by class, s. */
  readonly answerAges: () => ReadonlyMap<string, number>;
}

/**
 * The metrics of the controller. Labels are bounded: series are never freed, so no label may hold a task's id, a node
 * or a message.
 */
export class Metrics implements TaskMetrics {
  readonly #registry = new Registry();
  readonly #claims = this.#counter('claims_total', 'Claims by resource class and outcome.', [
    'resource_class',
    'outcome',
  ]);
  readonly #created = this.#histogram('task_pod_created_seconds', 'From a claim to its Pod, in seconds.');
  readonly #scheduled = this.#histogram(
    'task_pod_scheduled_seconds',
    'From a claim to a node for its Pod, in seconds.',
  );
  readonly #running = this.#histogram(
    'task_running_seconds',
    'From a claim to its running primary container, in seconds.',
  );
  readonly #ended = this.#counter('tasks_ended_total', 'Tasks that have ended, by resource class and how.', [
    'resource_class',
    'end',
  ]);
  readonly #requests = this.#counter(
    'kubernetes_requests_total',
    'Requests to the Kubernetes API, by verb, resource and code.',
    ['verb', 'resource', 'code'],
  );
  readonly #watches = this.#counter('kubernetes_watches_total', 'Watches that were begun, by resource.', [
    'resource',
  ]);
  readonly #collected = this.#counter(
    'garbage_collected_total',
    'Objects that garbage collection deleted, by kind.',
    ['kind'],
  );
  readonly #takenOver = this.#counter(
    'tasks_taken_over_total',
    'Tasks that were taken over from an instance that is gone, or from this one before it was started again.',
    [],
  );
  readonly #checks = this.#counter(
    'constraint_checks_total',
    'Checks of whether the Pods of a resource class fit a node, by class and result.',
    ['resource_class', 'result'],
  );
  readonly #rejected = this.#counter(
    'configuration_rejected_total',
    'Changes of the task Pod configuration that could not be used.',
    [],
  );

  /** Adds what is asked of others at each scrape. */
  watchGauges(gauges: Gauges): void {
    this.#gauge('tasks', 'Tasks of this replica by phase.', ['phase'], (gauge) => {
      for (const [phase, count] of Object.entries(gauges.tasks())) gauge.set({ phase }, count);
    });
    this.#gauge('slots', 'Places for tasks, and those in use.', ['state'], (gauge) => {
      gauge.set({ state: 'all' }, gauges.slots);
      gauge.set({ state: 'used' }, gauges.slotsUsed());
    });
    this.#gauge(
      'claim_answer_age_seconds',
      'Since the runner API last answered a claim.',
      ['resource_class'],
      (gauge) => {
        gauge.reset();
        for (const [resourceClass, age] of gauges.answerAges())
          gauge.set({ resource_class: resourceClass }, age);
      },
    );
  }

  claimed(resourceClass: string, outcome: ClaimOutcome): void {
    this.#claims.inc({ resource_class: dottedName(resourceClass), outcome });
  }

  podCreated(resourceClass: string, seconds: number): void {
    this.#created.observe({ resource_class: dottedName(resourceClass) }, seconds);
  }

  podReached(resourceClass: string, state: 'scheduled' | 'running', seconds: number): void {
    const histogram = state === 'scheduled' ? this.#scheduled : this.#running;
    histogram.observe({ resource_class: dottedName(resourceClass) }, seconds);
  }

  taskEnded(resourceClass: string, end: string): void {
    this.#ended.inc({ resource_class: dottedName(resourceClass), end });
  }

  kubernetesRequest(verb: string, resource: string, code: number): void {
    this.#requests.inc({ verb, resource, code: code === 0 ? 'none' : String(code) });
  }

  watchBegun(resource: string): void {
    this.#watches.inc({ resource });
  }

  garbageCollected(kind: 'pod' | 'secret'): void {
    this.#collected.inc({ kind });
  }

  taskTakenOver(): void {
    this.#takenOver.inc();
  }

  constraintsChecked(resourceClass: string, fits: boolean): void {
    this.#checks.inc({ resource_class: dottedName(resourceClass), result: fits ? 'fits' : 'no-node' });
  }

  configurationRejected(): void {
    this.#rejected.inc();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of it in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #counter<const L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({
      name: prefixed(name),
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
    });
  }

  #histogram(name: string, help: string): Histogram<'resource_class'> {
    const labelNames = ['resource_class'] as const;
    return new Histogram({
      name: prefixed(name),
      help,
      labelNames,
      buckets: startBuckets,
      registers: [this.#registry],
    });
  }

  #gauge(name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void): void {
    const gauge: Gauge = new Gauge({
      name: prefixed(name),
      help,
      labelNames,
      registers: [this.#registry],
      collect: () => collect(gauge),
    });
  }
}

function prefixed(name: string): string {
  return `container_agent_${name}`;
}
