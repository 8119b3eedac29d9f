import type { PodList, SecretList } from 'kubernetes-types/core/v1.d.ts';
import type { Administrator } from '../../fake-kubelet/administrator.ts';
import { taskSelector } from '../../fake-kubelet/fake-kubelet.ts';
import type { PodRecord } from '../../fake-kubelet/pod-record.ts';
import type { RecordedQueue } from '../../runner-api/queue/recorded-queue.ts';
import type { TaskView } from '../../runner-api/queue/task-view.ts';
import { readAuditLog } from '../../testing/cluster/audit-log.ts';
import { names, rulesFor } from '../../testing/cluster/controller-manifest.ts';
import type { ControllerProcess } from '../../testing/cluster/controller-process.ts';
import type { Stage } from '../../testing/cluster/controller-stage.ts';
import { grantedBy, neededFor, wasForbidden } from '../../testing/cluster/rights.ts';
import { type ClassName, classes } from './classes.ts';
import type { ObservedTask } from './judge.ts';

/** All observations of a task. */
export function observe(task: TaskView, queue: RecordedQueue, pods: readonly PodRecord[]): ObservedTask {
  return {
    state: task.state,
    retriesLeft: task.retriesLeft,
    unsafeRetries: classes[task.resourceClass as ClassName],
    claims: task.claims.map(({ allocation, token }) => ({
      allocation,
      claim: queue.claims.get(token) ?? { atMs: 0, runner: '', lost: false },
      reports: queue.reports.get(token) ?? [],
      lastStepMs: queue.lastStepsMs.get(token) ?? 0,
      pods: pods.filter((pod) => pod.allocation === allocation),
    })),
  };
}

/** The names of the existing Pods and Secrets of tasks. */
export async function findRemains(administrator: Administrator, namespace: string): Promise<string[]> {
  const lists = await Promise.all(
    ['pods', 'secrets'].map((kind) =>
      administrator.get<PodList | SecretList>(`/api/v1/namespaces/${namespace}/${kind}?${taskSelector}`),
    ),
  );
  return lists.flatMap((list) => list?.items.map(({ metadata }) => metadata?.name ?? '') ?? []);
}

/** The controllers' requests to the API server that their Role does not allow. */
export async function findExcess({ namespace }: Stage, sinceMs: number): Promise<string[]> {
  const granted = grantedBy(await rulesFor(names.controller));
  const requests = await readAuditLog(`"system:serviceaccount:${namespace}:${names.controller}"`, sinceMs);
  const excess = requests.filter((request) => !granted.has(neededFor(request)) || wasForbidden(request));
  return [...new Set(excess.map((request) => `the Role does not allow: ${neededFor(request)}`))];
}

/** Finds secrets in the logs, and lines about a controller's own defects. */
export function searchLogs(replicas: readonly ControllerProcess[], secrets: readonly string[]): string[] {
  return replicas.flatMap((replica) => {
    const log = replica.readLog();
    const leaked = secrets.filter((secret) => log.includes(secret)).length;
    const defects = log.split('\n').filter((line) => /defect of (this program|its own)|uncaught/i.test(line));
    return [
      ...(leaked > 0 ? [`${replica.name} has ${leaked} secrets in its log`] : []),
      ...defects.map((line) => `${replica.name}: ${line}`),
    ];
  });
}

/** The lines of all logs about a task. */
export function linesAbout(needles: readonly string[], replicas: readonly ControllerProcess[]): string[] {
  return replicas.flatMap((replica) =>
    replica
      .readLog()
      .split('\n')
      .filter((line) => needles.some((needle) => line.includes(`"${needle}"`)))
      .map((line) => `${replica.name}: ${line}`),
  );
}
