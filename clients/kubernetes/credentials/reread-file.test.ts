import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { scratchFolder } from '../../../internal/dev/testing/scratch-folder.ts';
import { rereadFile } from './reread-file.ts';

/** A file with this text, and a clock that the test moves. */
function startReading(text: string) {
  const path = join(scratchFolder(), 'token');
  writeFileSync(path, text);
  let nowMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  onTestFinished(() => clock.mockRestore());
  return { path, read: rereadFile(path), pass: (ms: number) => (nowMs += ms) };
}

test('a file is read again after a minute, not for each request', async () => {
  const { pass, path, read } = startReading('one\n');
  expect(await read()).toBe('one');
  writeFileSync(path, 'two');
  pass(59_999);
  expect(await read()).toBe('one');
  pass(1);
  expect(await read()).toBe('two');
});

test('while the file is being replaced, its earlier content is still used', async () => {
  const { pass, path, read } = startReading('one');
  await read();
  rmSync(path);
  pass(60_000);
  expect(await read()).toBe('one');
  writeFileSync(path, 'two');
  expect(await read()).toBe('two');
});

test('a file that never existed is an error', async () => {
  await expect(rereadFile(join(scratchFolder(), 'none'))()).rejects.toThrow('ENOENT');
});
