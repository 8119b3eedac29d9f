import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RecordingLogger } from '../internal/dev/testing/recording-logger.ts';
import { binaries } from './binaries.windows.ts';
import { createVolume, place } from './fixtures/volume.ts';
import { runInit } from './init.ts';

/** A Windows program up to the machine in its header. */
function program(machine: number, { offset = 128, signatureAt = 128, length = 4096 } = {}): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.write('MZ', 'latin1');
  bytes.writeUInt32LE(offset, 60);
  bytes.write('PE\0\0', signatureAt, 'latin1');
  if (signatureAt + 6 <= length) bytes.writeUInt16LE(machine, signatureAt + 4);
  return bytes;
}

test('init makes a third copy instead of the link', async () => {
  const volume = await createVolume();
  await place(volume.source, 'orchestrator.exe', program(0x8664));
  const agent = await place(volume.source, 'circleci-agent.exe', program(0x8664, { length: 5000 }));
  await runInit({ ...volume, binaries }, new RecordingLogger());
  for (const name of ['circleci-agent.exe', 'circleci.exe']) {
    expect(await readFile(join(volume.destination, name))).toEqual(await readFile(agent));
  }
  expect((await readFile(join(volume.destination, 'orchestrator.exe'))).length).toBe(4096);
});

test.each([
  ['nothing', Buffer.alloc(0), true, /is not a Windows program/],
  ['a script', Buffer.from('#!/bin/sh\n'.repeat(20)), true, /is not a Windows program/],
  ['a DOS program', program(0x8664, { offset: 256 }), true, /is not a Windows program/],
  [
    'a header that is cut off',
    program(0x8664, { offset: 4092, signatureAt: 4092 }),
    true,
    /is not a Windows program/,
  ],
  ['an ARM program', program(0x1c4), true, /for PE machine 452; use an image for windows\/amd64$/],
  ['a 32-bit program', program(0x14c), false, /for 386; use an image for windows\/amd64$/],
])('names what is wrong with %s', async (_, content, fatal, text) => {
  const volume = await createVolume();
  const path = await place(volume.source, 'orchestrator.exe', content);
  expect(binaries.findObstacle(path)).toEqual({ fatal, text: expect.stringMatching(text) });
});
