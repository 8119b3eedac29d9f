import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CallName } from '../../clients/runner/calls/call.ts';
import { version } from '../../internal/version.ts';
import type { ClaimOutcome } from '../claims/claim-loop.ts';
import { dottedName } from '../classes/resource-classes.ts';
import { type EndReason, endReasons } from '../life/task-failure.ts';
import type { TaskEnd, TaskMetrics, TaskWait } from '../life/task-metrics.ts';
import { type SweepResult, sweepResults } from '../sweep/sweep-result.ts';

/** From a Pod that starts at once to one that waits for a new node and a large image, s. */
const startBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200];

/** From a task that cannot start to one that runs for the 5 h of `MAX_RUN_TIME`, s. */
const taskBuckets = [1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10_800, 18_000];

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

/** A wait of a task. */
interface Wait {
  readonly resourceClass: string;
  readonly until: TaskWait;
  /** On the monotonic clock, ms. */
  readonly sinceMs: number;
}

/**
 * The metrics of the controller. Series are never freed, so the labels are bounded: none may hold a task's id, a node
 * or a message.
 */
export class Metrics implements TaskMetrics {
  readonly #registry = new Registry();
  readonly #claims = this.#counter('claims_total', 'Claims by resource class and outcome.', [
    'resource_class',
    'outcome',
  ]);
  readonly #created = this.#histogram(
    'task_pod_created_seconds',
    'From a claim to its Pod, in seconds.',
    startBuckets,
  );
  readonly #scheduled = this.#histogram(
    'task_pod_scheduled_seconds',
    'From a claim to a node for its Pod, in seconds.',
    startBuckets,
  );
  readonly #running = this.#histogram(
    'task_running_seconds',
    'From a claim to its running primary container, in seconds.',
    startBuckets,
  );
  readonly #duration = this.#histogram(
    'task_ended_seconds',
    'From a claim to the end of its task, in seconds.',
    taskBuckets,
  );
  readonly #ended = this.#counter(
    'tasks_ended_total',
    'Tasks that have ended, by resource class, how, and the reason of a failure.',
    ['resource_class', 'end', 'reason'],
  );
  readonly #calls = this.#counter('runner_requests_total', 'Requests to the runner API, by call and code.', [
    'call',
    'code',
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
  readonly #sweeps = this.#counter(
    'sweeps_total',
    'Searches for tasks that nobody watches and for leftovers, by result.',
    ['result'],
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

  readonly #waits = new Set<Wait>();

  constructor() {
    for (const result of sweepResults) this.#sweeps.inc({ result }, 0);
    this.#gauge('build_info', 'The version that runs: 1.', ['version'], (gauge) => gauge.set({ version }, 1));
    this.#gauge(
      'longest_wait_seconds',
      'How long the longest-waiting task has waited, by resource class and by what it waits for.',
      ['resource_class', 'until'],
      (gauge) => this.#showWaits(gauge),
    );
    new Gauge({
      name: 'process_start_time_seconds',
      help: 'When this process started, in Unix time.',
      registers: [this.#registry],
    }).set(performance.timeOrigin / 1000);
  }

  /** Adds the values that are read at each scrape. */
  watchGauges(gauges: Gauges): void {
    this.#gauge('replica_state', 'The state of this replica: 1, of the others: 0.', ['state'], (gauge) => {
      const current = gauges.state();
      for (const state of replicaStates) gauge.set({ state }, Number(state === current));
    });
    this.#gauge(
      'resource_class_ready',
      'Whether the resource class can claim. Absent while this replica drains.',
      ['resource_class'],
      (gauge) => {
        gauge.reset();
        if (gauges.state() === 'draining') return;
        for (const [name, isReady] of gauges.classes()) gauge.set({ resource_class: name }, Number(isReady));
      },
    );
    this.#gauge('tasks', 'Tasks of this replica by phase.', ['phase'], (gauge) => {
      for (const [phase, count] of Object.entries(gauges.tasks())) gauge.set({ phase }, count);
    });
    this.#gauge('slots', 'Places for tasks, and those in use.', ['state'], (gauge) => {
      const used = gauges.slotsUsed();
      gauge.set({ state: 'all' }, gauges.slots);
      gauge.set({ state: 'used' }, used);
      const free = gauges.state() === 'draining' ? 0 : Math.max(gauges.slots - used, 0);
      gauge.set({ state: 'free' }, free);
    });
    this.#gauge(
      'configuration_accepted',
      'Whether the task Pod configuration in force is that of the file.',
      [],
      (gauge) => gauge.set(Number(gauges.configurationAccepted())),
    );
    this.#gauge(
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

  /**
   * To be called when a class starts to claim. Its failure counters are shown at 0 before any failure. Prometheus sees
   * the increase from 0 to 1, but no increase in a series that begins with 1, such as each replica's first failure.
   */
  claimingBegun(resourceClass: string): void {
    for (const end of ['failed', 'handed-back'] as const satisfies readonly TaskEnd[])
      for (const reason of endReasons)
        this.#ended.inc({ resource_class: dottedName(resourceClass), end, reason }, 0);
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

  waits(resourceClass: string, until: TaskWait): () => void {
    const wait = { resourceClass: dottedName(resourceClass), until, sinceMs: performance.now() };
    this.#waits.add(wait);
    return () => void this.#waits.delete(wait);
  }

  taskEnded(
    resourceClass: string,
    end: TaskEnd,
    reason: EndReason | undefined,
    secondsAfterClaim: number | undefined,
  ): void {
    const name = dottedName(resourceClass);
    this.#ended.inc({ resource_class: name, end, reason: reason ?? 'none' });
    if (secondsAfterClaim !== undefined) this.#duration.observe({ resource_class: name }, secondsAfterClaim);
  }

  runnerRequest(call: CallName, code: number): void {
    this.#calls.inc({ call, code: describeCode(code) });
  }

  kubernetesRequest(verb: string, resource: string, code: number): void {
    this.#requests.inc({ verb, resource, code: describeCode(code) });
  }

  watchBegun(resource: string): void {
    this.#watches.inc({ resource });
  }

  garbageCollected(kind: 'pod' | 'secret'): void {
    this.#collected.inc({ kind });
  }

  swept(result: SweepResult): void {
    this.#sweeps.inc({ result });
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

  /** All metrics in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Shows the longest waits. The set has the oldest first. */
  #showWaits(gauge: Gauge): void {
    gauge.reset();
    const nowMs = performance.now();
    for (const { resourceClass, sinceMs, until } of [...this.#waits].reverse())
      gauge.set({ resource_class: resourceClass, until }, (nowMs - sinceMs) / 1000);
  }

  #counter<const L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({
      name: prefixed(name),
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
    });
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram<'resource_class'> {
    const labelNames = ['resource_class'] as const;
    return new Histogram({
      name: prefixed(name),
      help,
      labelNames,
      buckets,
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

/** @param code 0: there was no answer */
function describeCode(code: number): string {
  return code === 0 ? 'none' : String(code);
}

function prefixed(name: string): string {
  return `container_agent_${name}`;
}
