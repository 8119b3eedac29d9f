import { closeSync, constants, mkdtempDisposableSync, openSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { binaries } from './binaries.linux.ts';
import { copyDirectly } from './copy-directly.linux.ts';
import { complete, useInit } from './fixtures/use-init.ts';
import { place } from './fixtures/volume.ts';

const MiB = 2 ** 20;
const init = useInit();

/** Some file systems have no direct I/O, which init does without. */
function hasDirectIo(): boolean {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'direct-io-'));
  try {
    closeSync(openSync(join(folder.path, 'file'), constants.O_RDWR | constants.O_CREAT | constants.O_DIRECT));
    return true;
  } catch {
    return false;
  }
}

describe.runIf(hasDirectIo())('a copy past the page cache', () => {
  test.each([1, 4095, 4096, 4097, 16 * MiB, 33 * MiB + 1])('of %d bytes is the same', async (size) => {
    const bytes = Buffer.alloc(size, 'no multiple of a block');
    const source = await place(init.volume().source, 'file', bytes, 0o751);
    const target = init.destination('file');
    await copyDirectly(source, target, async () => {});
    expect((await readFile(target)).equals(bytes)).toBe(true);
    expect((await stat(target)).mode & 0o7777).toBe(0o751);
  });

  test('can be stopped halfway', async () => {
    const source = await place(init.volume().source, 'file', Buffer.alloc(33 * MiB));
    const target = init.destination('file');
    let steps = 0;
    const copying = copyDirectly(source, target, async () => {
      if (++steps === 2) throw new Error('enough');
    });
    await expect(copying).rejects.toThrow('enough');
    expect((await stat(target)).size).toBe(32 * MiB);
  });
});

describe('with less memory than a file has bytes', () => {
  beforeEach(() => {
    vi.spyOn(process, 'availableMemory').mockReturnValue(0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('a run ends the same', async () => {
    const bytes = Buffer.concat([Buffer.from('#!/bin/sh\n'), Buffer.alloc(5 * MiB, 'x')]);
    await place(init.volume().source, 'circleci-agent', bytes, 0o6751);
    await init.run();
    expect((await readFile(init.destination('circleci-agent'))).equals(bytes)).toBe(true);
    expect((await stat(init.destination('circleci-agent'))).mode & 0o7777).toBe(0o751);
    expect(await init.listing()).toEqual(complete);
  });

  test('an interruption within a file removes the part', async () => {
    const termination = new AbortController();
    const special = {
      ...binaries,
      copyDirectly: async (source: string, part: string, step: () => Promise<void>) => {
        await place(init.volume().destination, part.slice(init.destination('').length), source);
        termination.abort('SIGTERM');
        await step();
      },
    };
    expect((await init.fail({ binaries: special }, termination.signal)).message).toBe(
      `interrupted by SIGTERM before ${init.destination('orchestrator')} was in place`,
    );
    expect(await readdir(init.volume().destination)).toEqual([]);
  });

  test('a file that cannot be copied directly is copied like any other', async () => {
    const special = {
      ...binaries,
      copyDirectly: async (_source: string, part: string) => {
        await place(init.volume().destination, part.slice(init.destination('').length), 'half');
        throw new Error('write failed');
      },
    };
    await init.run({ binaries: special });
    expect(await readFile(init.destination('orchestrator'), 'utf8')).toContain('# orchestrator');
    expect(await init.listing()).toEqual(complete);
  });
});
