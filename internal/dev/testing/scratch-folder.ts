import { chmodSync, type DisposableTempDir, mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

/**
 * A new folder. Other users may enter it and write to it. It is removed after the test. Call this in a test
 * or in `beforeEach`.
 *
 * @returns its path
 */
export function scratchFolder(parent = tmpdir()): string {
  const { path, remove } = makeFolder(parent);
  onTestFinished(remove);
  return path;
}

/** One such folder for all tests of the calling file or group. Its path is known from `beforeAll` on. */
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
