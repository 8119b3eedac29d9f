import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createVolume } from './fixtures/volume.ts';
import { findNoexecMount } from './noexec-mount.linux.ts';

test('finds nothing for a file on a mount that allows execution', async () => {
  const volume = await createVolume();
  await using file = await open(join(volume.source, 'orchestrator'));
  expect(findNoexecMount(file.fd)).toBeUndefined();
});

test('finds nothing if /proc does not say', () => {
  expect(findNoexecMount(-1)).toBeUndefined();
});
