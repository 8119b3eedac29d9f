import { readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf } from './init-failure.ts';

const prefix = '.orchestrator-init-part.';

/** Another init on the same volume removes our part files as left-overs, once per start. */
const attempts = 8;

/**
 * Replaces `target` with a new file in one step. `create` makes the file beside the target, under an unused
 * name. Then the file is renamed to the target. So readers see the old file or the new one, and a running
 * binary can be replaced. The file is not flushed to the disk: after a crash of the node, its init containers
 * run again.
 *
 * @throws what `create` or rename(2) throws, with the part file removed
 */
export async function replaceFile(
  target: string,
  create: (part: string) => Promise<void> | void,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const part = join(
      dirname(target),
      `${prefix}${basename(target)}.${process.pid}-${process.hrtime.bigint()}`,
    );
    try {
      await create(part);
      if (renamed(part, target, attempt === attempts)) return;
    } catch (error) {
      removeIfPossible(part);
      throw error;
    }
  }
}

function renamed(part: string, target: string, last: boolean): boolean {
  try {
    renameSync(part, target);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || last) throw error;
    return false;
  }
}

/** The next run removes a file that is left after this. Only the first error is reported. */
function removeIfPossible(part: string): void {
  try {
    rmSync(part, { force: true });
  } catch {}
}

/**
 * Removes the part files of interrupted runs in `directory`.
 *
 * @returns the names of the removed files, and the errors of those that could not be removed
 */
export function removePartFiles(directory: string): { removed: string[]; errors: unknown[] } {
  const removed: string[] = [];
  const errors: unknown[] = [];
  try {
    for (const name of readdirSync(directory)) {
      if (!name.startsWith(prefix)) continue;
      try {
        unlinkSync(join(directory, name));
        removed.push(name);
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') errors.push(error);
      }
    }
  } catch (error) {
    errors.push(error);
  }
  return { removed, errors };
}
