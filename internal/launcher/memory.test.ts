import { expect, test } from 'vitest';
import { BareImage } from '../dev/testing/bare-image.ts';

interface Memory {
  readonly copiesOfLibraries: readonly string[];
  /** Kilobytes of the resident set. */
  readonly before: { readonly shared: number; readonly mapped: number };
  readonly after: { readonly mapped: number };
}

async function measure(): Promise<Memory> {
  await using image = await BareImage.create();
  const { stdout } = await image.run(['memory']);
  return JSON.parse(stdout);
}

test('keeps no copy of a library in memory', async () => {
  const { copiesOfLibraries, before } = await measure();
  expect(copiesOfLibraries).toEqual([]);
  expect(before.shared).toBeLessThan(500);
});

test('releases the code that only the start needs, and continues to work', async () => {
  const { before, after } = await measure();
  expect(after.mapped).toBeLessThan(before.mapped / 2);
});
