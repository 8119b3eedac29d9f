import { readFileSync } from 'node:fs';

/**
 * Finds out whether the mount of an open file is `noexec`. It finds the mount by its id, because a path is
 * ambiguous if mounts are on top of each other. Formats: proc_pid_fdinfo(5), proc_pid_mountinfo(5).
 *
 * @param fd a descriptor of the file
 * @returns the mount point, or undefined if the mount is not `noexec` or /proc does not say
 */
export function findNoexecMount(fd: number): string | undefined {
  const id = /^mnt_id:\s*(\d+)$/m.exec(readIfPossible(`/proc/self/fdinfo/${fd}`))?.[1];
  const mounts = readIfPossible('/proc/self/mountinfo').split('\n');
  const mount = mounts.find((line) => line.startsWith(`${id} `));
  const [, , , , point, options] = mount?.split(' ') ?? [];
  if (point === undefined || options?.split(',').includes('noexec') !== true) return undefined;
  return point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function readIfPossible(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
