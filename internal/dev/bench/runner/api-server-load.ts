import { findProcess } from '../../cluster/processes.ts';
import type { Administrator } from '../../fake-kubelet/administrator.ts';
import { type Figures, usedCpuMs } from '../measures.ts';

/** The requests of service accounts, so of the controller. The fake kubelet is an administrator, who has no level. */
const levelOfReplica = 'priority_level="workload-low"';

/** What the API server has done until now. */
export interface ApiServerWork {
  readonly atMs: number;
  readonly cpuMs: number;
  /** Of etcd, ms. */
  readonly etcdCpuMs: number;
  /** The sum of the times that the replica's requests took, without watches, ms. */
  readonly executionMs: number;
  /** How many of its requests were answered with 429. */
  readonly refused: number;
}

/** @throws Error if the API server or etcd does not run */
export async function readApiServerWork(administrator: Administrator): Promise<ApiServerWork> {
  const metrics = (await administrator.getText('/metrics')) ?? '';
  const level = (name: string) => metrics.split('\n').filter((line) => isOfReplica(line, name));
  return {
    atMs: performance.now(),
    cpuMs: usedCpuMs(pidOf('kube-apiserver')),
    etcdCpuMs: usedCpuMs(pidOf('etcd')),
    executionMs: 1000 * sumOf(level('apiserver_flowcontrol_request_execution_seconds_sum')),
    refused: sumOf(level('apiserver_flowcontrol_rejected_requests_total')),
  };
}

/** The load that tasks are for the API server, from what it had done before and after them. */
export function loadOfTasks(before: ApiServerWork, after: ApiServerWork, tasks: number): Figures {
  return {
    underWay: (after.executionMs - before.executionMs) / (after.atMs - before.atMs),
    refused: after.refused - before.refused,
    apiServerCpu: (after.cpuMs - before.cpuMs) / tasks,
    etcdCpu: (after.etcdCpuMs - before.etcdCpuMs) / tasks,
  };
}

function isOfReplica(line: string, name: string): boolean {
  return line.startsWith(`${name}{`) && line.includes(levelOfReplica) && !line.includes('type="watch"');
}

function sumOf(series: readonly string[]): number {
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

function pidOf(name: string): number {
  const pid = findProcess(name);
  if (pid === undefined) throw new Error(`the cluster's ${name} does not run`);
  return pid;
}
