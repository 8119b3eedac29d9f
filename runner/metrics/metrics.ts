import type { Gauge } from 'prom-client';
import type { CallName } from '../../clients/runner/calls/call.ts';
import { version } from '../../internal/version.ts';
import type { ClaimOutcome } from '../claims/claim-loop.ts';
import { dottedName } from '../classes/resource-classes.ts';
import { type EndReason, endReasons } from '../life/task-failure.ts';
import type { TaskEnd, TaskMetrics, TaskWait } from '../life/task-metrics.ts';
import { type SweepResult, sweepResults } from '../sweep/sweep-result.ts';
import { addGauges, type Gauges } from './gauges.ts';
import { MetricRegistry } from './metric-registry.ts';
import { TaskWaits } from './task-waits.ts';

/** From a Pod that starts at once to one that waits for a new node and a large image, s. */
const startBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200];

/** From a task that cannot start to one that runs for the 5 h of `MAX_RUN_TIME`, s. */
const taskBuckets = [1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10_800, 18_000];

/**
 * The metrics of the controller. Series are never freed, so the labels are bounded: none may hold a task's id, a node
 * or a message.
 */
export class Metrics implements TaskMetrics {
  readonly #registry = new MetricRegistry();
  readonly #claims = this.#registry.counter('claims_total', 'Claims by resource class and outcome.', [
    'resource_class',
    'outcome',
  ]);
  readonly #created = this.#registry.histogram(
    'task_pod_created_seconds',
    'From a claim to its Pod, in seconds.',
    startBuckets,
  );
  readonly #scheduled = this.#registry.histogram(
    'task_pod_scheduled_seconds',
    'From a claim to a node for its Pod, in seconds.',
    startBuckets,
  );
  readonly #running = this.#registry.histogram(
    'task_running_seconds',
    'From a claim to its running primary container, in seconds.',
    startBuckets,
  );
  readonly #duration = this.#registry.histogram(
    'task_ended_seconds',
    'From a claim to the end of its task, in seconds.',
    taskBuckets,
  );
  readonly #ended = this.#registry.counter(
    'tasks_ended_total',
    'Tasks that have ended, by resource class, how, and the reason of a failure.',
    ['resource_class', 'end', 'reason'],
  );
  readonly #calls = this.#registry.counter(
    'runner_requests_total',
    'Requests to the runner API, by call and code.',
    ['call', 'code'],
  );
  readonly #requests = this.#registry.counter(
    'kubernetes_requests_total',
    'Requests to the Kubernetes API, by verb, resource and code.',
    ['verb', 'resource', 'code'],
  );
  readonly #watches = this.#registry.counter(
    'kubernetes_watches_total',
    'Watches that were begun, by resource.',
    ['resource'],
  );
  readonly #collected = this.#registry.counter(
    'garbage_collected_total',
    'Objects that garbage collection deleted, by kind.',
    ['kind'],
  );
  readonly #sweeps = this.#registry.counter(
    'sweeps_total',
    'Searches for tasks that nobody watches and for leftovers, by result.',
    ['result'],
  );
  readonly #takenOver = this.#registry.counter(
    'tasks_taken_over_total',
    'Tasks that were taken over from an instance that is gone, or from this one before it was started again.',
    [],
  );
  readonly #checks = this.#registry.counter(
    'constraint_checks_total',
    'Checks of whether the Pods of a resource class fit a node, by class and result.',
    ['resource_class', 'result'],
  );
  readonly #rejected = this.#registry.counter(
    'configuration_rejected_total',
    'Changes of the task Pod configuration that could not be used.',
    [],
  );

  readonly #waits = new TaskWaits();

  constructor() {
    for (const result of sweepResults) this.#sweeps.inc({ result }, 0);
    this.#registry.gauge('build_info', 'The version that runs: 1.', ['version'], (gauge) =>
      gauge.set({ version }, 1),
    );
    this.#registry.gauge(
      'longest_wait_seconds',
      'How long the longest-waiting task has waited, by resource class and by what it waits for.',
      ['resource_class', 'until'],
      (gauge) => this.#showWaits(gauge),
    );
  }

  /** Adds the values that are read at each scrape. */
  watchGauges(gauges: Gauges): void {
    addGauges(this.#registry, gauges);
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
    return this.#waits.begin(dottedName(resourceClass), until);
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
    return this.#registry.text();
  }

  /** Of several waits of a class for the same thing, the last one that is set counts: the longest. */
  #showWaits(gauge: Gauge): void {
    gauge.reset();
    for (const { resourceClass, seconds, until } of this.#waits.seconds())
      gauge.set({ resource_class: resourceClass, until }, seconds);
  }
}

/** @param code 0: there was no answer */
function describeCode(code: number): string {
  return code === 0 ? 'none' : String(code);
}
