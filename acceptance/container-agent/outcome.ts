import type { FakeKubelet } from '../../internal/dev/fake-kubelet/fake-kubelet.ts';
import type { FakeKubernetesApi } from '../../internal/dev/kubernetes-api/fake-kubernetes-api.ts';
import type { FakeRunnerApi } from '../../internal/dev/runner-api/fake-runner-api.ts';
import type { RecordedQueue } from '../../internal/dev/runner-api/queue/recorded-queue.ts';
import type { TaskView } from '../../internal/dev/runner-api/queue/task-view.ts';
import { collection } from '../../internal/dev/testing/start-controller.ts';
import { takenOverStep } from '../../runner/steps/step-kinds.ts';

/** The outcome of a task when everything is over. */
export interface Outcome {
  readonly state: TaskView['state'];
  readonly claims: number;
  /** How often its primary container started. */
  readonly runs: number;
  /** The reports that the runner API accepted, such as `failure by the controller`. */
  readonly reports: readonly string[];
  /** The names of its remaining Pods and Secrets. */
  readonly left: readonly string[];
  /** How often it was taken over. */
  readonly takeovers: number;
}

/** The sources of a task's outcome. */
export interface Witnesses {
  readonly queue: RecordedQueue;
  readonly runnerApi: FakeRunnerApi;
  readonly kubernetes: FakeKubernetesApi;
  readonly kubelet: FakeKubelet;
}

interface StepStart {
  readonly attributes: { readonly name: string };
}

/** The outcome of the task that was queued last. */
export function outcomeOfLastTask({ kubelet, kubernetes, queue, runnerApi }: Witnesses): Outcome {
  const task = queue.tasks.at(-1);
  const pods = kubelet.records.filter(({ taskId }) => taskId === task?.taskId);
  const reports = task?.claims.flatMap(({ token }) => queue.reports.get(token) ?? []) ?? [];
  // A controller that takes a task over begins its own step.
  const takeovers = runnerApi
    .of(task?.taskId ?? '')
    .filter(
      ({ call, json }) =>
        call === 'step-start' && (json as StepStart).attributes.name === takenOverStep().attributes.name,
    );
  return {
    state: task?.state ?? 'queued',
    claims: task?.claims.length ?? 0,
    runs: pods.filter(({ startedMs }) => startedMs !== undefined).length,
    reports: reports.flatMap(({ by, taken, what }) => (taken ? [`${what} by the ${by}`] : [])),
    left: leftovers(kubernetes),
    takeovers: takeovers.length,
  };
}

/** The names of all existing Pods and Secrets of tasks. */
export function leftovers(kubernetes: FakeKubernetesApi): string[] {
  return (['pods', 'secrets'] as const).flatMap((objects) =>
    kubernetes.names(collection(objects)).filter((name) => name.startsWith('ccita-')),
  );
}
