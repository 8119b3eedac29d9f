import { mkdir, rm, stat, symlink } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { useInit } from './fixtures/use-init.ts';
import { isPartFile } from './fixtures/volume.ts';

const init = useInit();

describe('a source that cannot be copied', () => {
  test.each([
    ['is missing', (path: string) => rm(path), 'no such file or directory (ENOENT)'],
    [
      'is a dangling link',
      (path: string) => rm(path).then(() => symlink('nowhere', path)),
      'no such file or directory (ENOENT)',
    ],
    [
      'links to itself',
      (path: string) => rm(path).then(() => symlink(path, path)),
      'too many symbolic links encountered (ELOOP)',
    ],
    ['is a directory', (path: string) => rm(path).then(() => mkdir(path)), 'is a directory'],
    ['is a FIFO', (path: string) => rm(path).then(() => execa('mkfifo', [path])), 'is not a regular file'],
    [
      'is a device',
      (path: string) => rm(path).then(() => symlink('/dev/zero', path)),
      'is not a regular file',
    ],
  ])('ends with its path when it %s', async (_, spoil, cause) => {
    const path = init.source('orchestrator');
    await spoil(path);

    expect(await init.fail()).toMatchObject({
      code: 'init',
      exitStatus: 1,
      message: `cannot copy ${path}: ${cause}; look at SOURCE and at the image`,
      cause: expect.any(Error),
    });
    expect(await init.listing()).toEqual([]);
  });

  test('is named when it is the agent', async () => {
    await rm(init.source('circleci-agent'));
    expect((await init.fail()).message).toContain(
      `cannot copy ${init.volume().source}/circleci-agent: no such file`,
    );
  });
});

describe('a destination that cannot be used', () => {
  test('is named when it is missing, and is not created', async () => {
    const destination = init.destination('missing');
    expect((await init.fail({ destination })).message).toBe(
      `the destination ${destination} cannot be used: no such file or directory (ENOENT); mount the shared volume there`,
    );
    expect(await init.listing()).toEqual([]);
  });

  test('is named when it is a file', async () => {
    const destination = init.source('orchestrator');
    expect((await init.fail({ destination })).message).toBe(
      `the destination ${destination} cannot be used: not a directory; look at where the volume is mounted`,
    );
  });

  test.each([
    ['orchestrator', 'cannot copy'],
    ['circleci', 'cannot make'],
  ])('keeps a directory that is where %s belongs, and names it', async (name, verb) => {
    await mkdir(init.destination(name));
    const { message } = await init.fail();
    expect(message).toContain(verb);
    expect(message).toContain(init.destination(name));
    expect(message).toMatch(
      /: illegal operation on a directory \(EISDIR\); a directory is where the file belongs/,
    );
    expect((await init.listing()).filter(isPartFile)).toEqual([]);
    expect((await stat(init.destination(name))).isDirectory()).toBe(true);
  });
});
