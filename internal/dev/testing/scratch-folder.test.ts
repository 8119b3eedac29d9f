import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { scratchFolder, sharedScratchFolder } from './scratch-folder.ts';

let pathOfGroup: string;

describe('a folder', () => {
  const shared = sharedScratchFolder();
  const made: string[] = [];

  beforeEach(() => {
    made.push(scratchFolder());
  });

  test.each([1, 2])('is there while its test runs, for every user, and shared ones with it: %d', () => {
    made.push(scratchFolder());
    for (const folder of [shared.path, ...made.slice(-2)]) {
      expect(statSync(folder).mode & 0o777).toBe(0o777);
      writeFileSync(join(folder, 'file'), '');
    }
  });

  test('may be made beside something', () => {
    expect(dirname(scratchFolder(shared.path))).toBe(shared.path);
  });

  afterAll(() => {
    expect(made.filter((folder) => existsSync(folder))).toEqual([]);
    expect(existsSync(shared.path)).toBe(true);
    pathOfGroup = shared.path;
  });
});

test('a shared folder is gone after its group, with what is in it', () => {
  expect(existsSync(pathOfGroup)).toBe(false);
});
