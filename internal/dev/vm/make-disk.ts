import { runCommand } from '../run-command.ts';

/**
 * Makes a disk with an ext4 file system that has the files of a folder.
 *
 * @throws Error with mke2fs's own messages, or the signal's reason
 */
export async function makeDisk(
  folder: string,
  disk: string,
  mebibytes: number,
  signal: AbortSignal,
): Promise<void> {
  const options = ['-q', '-t', 'ext4', '-E', 'root_owner=0:0', '-d', folder];
  await runCommand(['mke2fs', ...options, disk, `${mebibytes}M`], { signal });
}
