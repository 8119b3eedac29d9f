import { spawnSync } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { type TarEntry, writeTar } from './tar.ts';

/** The list of tar: permissions, owner, size, and the path with the target of a link. */
async function list(entries: readonly TarEntry[]): Promise<string[]> {
  const archive = await buffer(writeTar(entries));
  const { stdout, stderr } = spawnSync('tar', ['-tv', '--numeric-owner'], { input: archive });
  expect(stderr.toString()).toBe('');
  const lines = stdout.toString().trimEnd().split('\n');
  return lines.map((line) => line.replace(/ +/g, ' ').replace(/ [\d-]{10} [\d:]{5} /, ' '));
}

const file = (path: string, text: string, mode = 0o644): TarEntry => ({
  path,
  type: 'file',
  mode,
  size: Buffer.byteLength(text),
  content: () => [Buffer.from(text)],
});

test('tar reads files, folders and links with their permissions', async () => {
  const entries: TarEntry[] = [
    { path: 'tmp', type: 'folder', mode: 0o1777 },
    file('bin/busybox', 'x'.repeat(513), 0o755),
    { path: 'bin/sh', type: 'link', target: 'busybox' },
    file('empty', ''),
  ];
  expect(await list(entries)).toEqual([
    'drwxrwxrwt 0/0 0 tmp',
    '-rwxr-xr-x 0/0 513 bin/busybox',
    'lrwxrwxrwx 0/0 0 bin/sh -> busybox',
    '-rw-r--r-- 0/0 0 empty',
  ]);
});

test('the content of a file arrives byte for byte, however it is split', async () => {
  const pieces = ['a', 'b'.repeat(600), 'ä'].map((text) => Buffer.from(text));
  const size = Buffer.concat(pieces).length;
  const archive = await buffer(
    writeTar([{ path: 'f', type: 'file', mode: 0o644, size, content: () => pieces }]),
  );
  expect(spawnSync('tar', ['-xO', 'f'], { input: archive }).stdout).toEqual(Buffer.concat(pieces));
});

test('a path may be longer than the field of a name', async () => {
  const path = `${'folder/'.repeat(20)}${'n'.repeat(90)}`;
  expect(await list([file(path, 'x')])).toEqual([`-rw-r--r-- 0/0 1 ${path}`]);
});

test('a path that cannot be written is an error, not another path', async () => {
  await expect(list([file('n'.repeat(101), 'x')])).rejects.toThrow('has no room for the path nnn');
});
