import { execa } from 'execa';
import { expect, test } from 'vitest';
import { listChildren } from './list-children.ts';

test('has the children of this process and no grandchildren', async () => {
  const before = listChildren();
  const child = execa('sh', ['-c', 'sleep 1000 & echo $!; wait'], { reject: false });
  const grandchild = await new Promise((resolve) => {
    child.stdout.once('data', (chunk) => resolve(Number(chunk)));
  });
  expect(listChildren()).toContain(child.pid);
  expect(listChildren()).not.toContain(grandchild);
  process.kill(Number(grandchild));
  await child;
  expect(listChildren().sort()).toEqual(before.sort());
});
