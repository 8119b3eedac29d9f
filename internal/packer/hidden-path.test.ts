import { expect, test } from 'vitest';
import { hideFolder, hidePath } from './hidden-path.ts';

function library(content: string) {
  return { name: 'libtest.so', bytes: Buffer.from(content, 'latin1') };
}

test.each([
  ['\0/etc/ld.so.preload\0', '/etc/ld.so.preload', '\0/proc/-/so.preload\0'],
  ['\0/usr/lib/a/\0/usr/lib/\0', '/usr/lib/', '\0/proc/-//a/\0/proc/-//\0'],
  ['\0/var/run/nscd/socket\0', '/var/run/nscd/', '\0/proc/-//nscd/socket\0'],
  ['\x01/etc/ld.so.cache\0', '/etc/ld.so.cache', '\x01/proc/-/so.cache\0'],
  ['\0/x/etc/hosts.d\0/etc/hosts.d\0', '/etc/hosts.d', '\0/x/etc/hosts.d\0/proc/-/ts.d\0'],
])('turns %j with %s hidden into %j', (before, path, after) => {
  const changed = library(before);
  hidePath(changed, path);
  expect(changed.bytes.toString('latin1')).toBe(after);
});

test('turns a short folder into the root folder, but no path that only starts like it', () => {
  const changed = library('\0/lib/\0/lib/x\0');
  hideFolder(changed, '/lib/');
  expect(changed.bytes.toString('latin1')).toBe('\0/\0\0\0\0\0/lib/x\0');
});

test('refuses a library that is not as expected', () => {
  expect(() => hidePath(library('\0/etc/other\0'), '/etc/ld.so.cache')).toThrow(
    'libtest.so has no /etc/ld.so.cache',
  );
  expect(() => hideFolder(library('\0/lib64/\0'), '/lib/')).toThrow('libtest.so has no /lib/');
  expect(() => hidePath(library('\0/lib/\0'), '/lib/')).toThrow('too short');
});
