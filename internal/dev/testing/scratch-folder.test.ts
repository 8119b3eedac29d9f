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

  test.each([1, 2])('exists for every user while its test runs, and so do shared ones: %d', () => {
    made.push(scratchFolder());
    for (const folder of [shared.path, ...made.slice(-2)]) {
      expect(statSync(folder).mode & 0o777).toBe(0o777);
      writeFileSync(join(folder, 'file'), '');
    }
  });

  test('can be created in a given folder', () => {
    expect(dirname(scratchFolder(shared.path))).toBe(shared.path);
  });

  afterAll(() => {
    expect(made.filter((folder) => existsSync(folder))).toEqual([]);
    expect(existsSync(shared.path)).toBe(true);
    pathOfGroup = shared.path;
  });
});

test('a shared folder is removed after its group, with its content', () => {
  expect(existsSync(pathOfGroup)).toBe(false);
});
