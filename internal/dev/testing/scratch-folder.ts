import { chmodSync, type DisposableTempDir, mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

/**
 * A new folder, which other users may enter and write to. It is gone after the test; to be called by a test, or by what
 * runs before each.
 *
 * @returns its path
 */
export function scratchFolder(parent = tmpdir()): string {
  const { path, remove } = makeFolder(parent);
  onTestFinished(remove);
  return path;
}

/** One such folder for all tests of the file or group that calls this. Its path is there from `beforeAll` on. */
export function sharedScratchFolder(): { readonly path: string } {
  let folder: DisposableTempDir | undefined;
  beforeAll(() => {
    folder = makeFolder(tmpdir());
  });
  afterAll(() => folder?.remove());
  return {
    get path() {
      if (folder === undefined) throw new Error('the folder is made before the first test, not before that');
      return folder.path;
    },
  };
}

function makeFolder(parent: string): DisposableTempDir {
  const folder = mkdtempDisposableSync(join(parent, 'scratch-'));
  chmodSync(folder.path, 0o777);
  return folder;
}
