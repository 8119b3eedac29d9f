import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { allProcesses, readProc, statusField } from '../proc.ts';
import { containerStatus } from './pod.ts';

/** The process that is PID 1 in a container, by its pid on this machine. Undefined while there is none. */
export function firstProcessOf(pod: Pod, container: string): number | undefined {
  const [, id = ''] = containerStatus(pod, container)?.containerID?.split('//') ?? [];
  if (id === '') return undefined;
  return allProcesses().find(
    (pid) =>
      readProc(pid, 'cgroup').includes(id) && /\t1$/.test(statusField(readProc(pid, 'status'), 'NSpid')),
  );
}
