import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';

/** A termination log like the kubelet's: every user may write to it. */
export async function emptyFile(path: string): Promise<void> {
  await writeFile(path, '');
  await chmod(path, 0o666);
}

/**
 * A /dev with only the null device and /dev/termination-log.
 *
 * @param make makes the file at a path
 * @returns the path of the log, and the commands that mount this /dev in a mount namespace
 */
export async function device(
  make: (path: string) => Promise<unknown> = emptyFile,
): Promise<{ log: string; prepare: string }> {
  const directory = scratchFolder();
  const [dev, log] = [join(directory, 'dev'), join(directory, 'log')];
  await mkdir(dev);
  await Promise.all([writeFile(join(dev, 'null'), ''), make(join(dev, 'termination-log')), make(log)]);
  const prepare = [
    `mount --bind /dev/null '${dev}/null'`,
    `{ [ ! -e '${log}' ] || mount --bind '${log}' '${dev}/termination-log'; }`,
    `mount --rbind '${dev}' /dev`,
  ];
  return { log, prepare: prepare.join(' && ') };
}
