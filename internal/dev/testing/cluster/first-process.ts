import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
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

/**
 * Makes a file, and its folder, in the container of a process. If the file ends the container, a command that makes it
 * within may be killed with it, and then seems to have failed.
 *
 * @param file an absolute path in the container
 */
export function makeFileFor(pid: number, file: string): void {
  const path = `/proc/${pid}/root${file}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
}
