import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BareImage, mountProc } from '../dev/testing/bare-image.ts';
import { isRoot } from '../dev/testing/is-root.ts';

test.each([
  [
    '/proc is not mounted',
    'true',
    'cannot open /proc/self/exe: no such file or directory (ENOENT); /proc must be',
  ],
  ...[60_000, 500_000, 1_400_000].map((limit) => [
    `there may be only ${limit} KiB of address space`,
    `${mountProc} && ulimit -v ${limit}`,
    'cannot start with so little address space; the limit of virtual memory (RLIMIT_AS, ulimit -v) must be 1400 MiB or more',
  ]),
  ...[4_000, 16_000, 64_000, 600_000].map((limit) => [
    `there may be only ${limit} KiB of data`,
    `${mountProc} && ulimit -d ${limit}`,
    'cannot start with so little data; the limit of data (RLIMIT_DATA, ulimit -d) must be 640 MiB or more',
  ]),
  ...[0, 1000].map((limit) => [
    `files may only have ${limit} blocks`,
    `${mountProc} && ulimit -f ${limit}`,
    'cannot make a file to execute from, neither in memory nor beside the executable nor in /tmp: file too large (EFBIG); look at the limit of file sizes (RLIMIT_FSIZE, ulimit -f)',
  ]),
  ...[8, 16, 24, 31].map((limit) => [
    `there may be only ${limit} open files`,
    `${mountProc} && ulimit -n ${limit}`,
    'cannot start with so few open files; 29 must be left of the hard limit of open files (RLIMIT_NOFILE, ulimit -Hn)',
  ]),
  [
    'the stack may only be small',
    `${mountProc} && ulimit -s 64`,
    'cannot start with so small a stack; the limit of the stack (RLIMIT_STACK) must be 128 KiB or more',
  ],
])('says in one line that %s', async (_title, before, message) => {
  await using image = await BareImage.create();
  const { status, stdout, stderr } = await image.run(['report'], { before });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr.split('\n')).toEqual([expect.stringContaining(message), '']);
});

test.each([
  ['a soft limit of open files that is too low for it', 'ulimit -Sn 8 && ulimit -Hn 32'],
  ['the smallest address space that it accepts', 'ulimit -v 1433600'],
  ['the smallest limit of data that it accepts', 'ulimit -d 655360'],
])('starts with %s', async (_title, limit) => {
  await using image = await BareImage.create();
  const { status, stderr } = await image.run(['report'], { before: `${mountProc} && ${limit}` });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.runIf(isRoot)('says in one line that it may be executed but not read', async () => {
  await using image = await BareImage.create();
  const path = join(image.root, 'readable-by-nobody');
  await copyFile(join(image.root, 'probe'), path);
  await chmod(path, 0o111);
  const { status, stderr } = await image.run(['report'], { uid: 1000, program: '/readable-by-nobody' });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^probe: cannot read \/readable-by-nobody: permission denied .*\n$/),
  });
});
