import { readFile } from 'node:fs/promises';

/**
 * Finds out whether the mount that an open file lies on is mounted `noexec`. It is found by its id, as paths
 * are ambiguous where mounts lie on top of each other. Formats: proc_pid_fdinfo(5), proc_pid_mountinfo(5).
 *
 * @param fd a descriptor of the file
 * @returns the mount point, or nothing when the mount is not `noexec` or /proc does not tell
 */
export async function findNoexecMount(fd: number): Promise<string | undefined> {
  const [info, mounts] = await Promise.all(
    [`/proc/self/fdinfo/${fd}`, '/proc/self/mountinfo'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const id = /^mnt_id:\s*(\d+)$/m.exec(info ?? '')?.[1];
  const mount = mounts?.split('\n').find((line) => line.startsWith(`${id} `));
  const [, , , , point, options] = mount?.split(' ') ?? [];
  if (point === undefined || options?.split(',').includes('noexec') !== true) return undefined;
  return point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
