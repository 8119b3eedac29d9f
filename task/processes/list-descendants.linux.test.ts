import { execa } from 'execa';
import { expect, test, vi } from 'vitest';
import { listDescendants } from './list-descendants.linux.ts';

const hidden = vi.hoisted(() => ({ childrenFiles: false }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const existsSync = (path: string) => !hidden.childrenFiles && fs.existsSync(path);
  return { ...fs, existsSync };
});

test.each([
  ['by the lists of children', false],
  ['by the parents, where the kernel has no such lists', true],
])('has children and grandchildren of this process, %s', async (_how, withoutLists) => {
  hidden.childrenFiles = withoutLists;
  const before = listDescendants();
  const child = execa('sh', ['-c', 'sleep 1000 & echo $!; wait'], { reject: false });
  const grandchild = await new Promise((resolve) => {
    child.stdout.once('data', (chunk) => resolve(Number(chunk)));
  });
  expect(listDescendants()).toEqual(expect.arrayContaining([child.pid, grandchild]));
  process.kill(Number(grandchild));
  await child;
  expect(listDescendants().sort()).toEqual(before.sort());
});
