import { existsSync } from 'node:fs';
import { chmod, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BareImage, type BareSurroundings, mountProc } from '../dev/testing/bare-image.ts';
import { type Denial, denyCalls } from '../dev/testing/deny-calls.ts';
import { isRoot } from '../dev/testing/is-root.ts';
import { packedProbe } from '../dev/testing/packed-probe.ts';
import { startProgram } from '../dev/testing/start-program.ts';
import { untilTestEnds } from '../dev/testing/until-test-ends.ts';

// Nodes on which files in memory cannot be created or executed.

const sysctl = '/proc/sys/vm/memfd_noexec';
/** Since Linux 6.3. */
const canForbid = existsSync(sysctl);
const forbidden = `${mountProc} && echo 2 > "$0${sysctl}"`;

async function report(image: BareImage, surroundings: BareSurroundings): Promise<unknown> {
  const { status, stdout, stderr } = await image.run(['report'], surroundings);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe.runIf(canForbid)('if files in memory may not be executed', () => {
  test('the directory of the executable is used, and nothing is left in it', async () => {
    await using image = await BareImage.create();
    const before = await readdir(image.root);
    expect(await report(image, { before: forbidden, environment: { A: '1' } })).toMatchObject({
      environment: 'A=1\0',
    });
    expect(await readdir(image.root)).toEqual(before);
  });

  test.runIf(isRoot)(
    '/tmp is used instead if the directory of the executable may not be written to',
    async () => {
      await using image = await BareImage.create();
      await image.addFile('tmp/a-file-of-the-image', '');
      await chmod(`${image.root}/tmp`, 0o1777);
      await report(image, { before: forbidden, uid: 1000 });
      expect(await readdir(`${image.root}/tmp`)).toEqual(['a-file-of-the-image']);
    },
  );

  test.runIf(isRoot)('one line names security modules first if there is no other place', async () => {
    await using image = await BareImage.create();
    const { status, stdout, stderr } = await image.run(['report'], { before: forbidden, uid: 1000 });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^probe: cannot make a file to execute from, .*: permission denied \(EACCES\); look at the security modules .*vm\.memfd_noexec.*\n$/,
    );
  });
});

const unnamedFiles = 'openat:2:0x400000'; // O_TMPFILE

test.each<[Denial, readonly string[]]>([
  ['EPERM', ['memfd_create']],
  ['ENOSYS', ['memfd_create']],
  ['EPERM', ['memfd_create', unnamedFiles]],
])('starts where the answer is %s to %j', async (error, calls) => {
  const through = await denyCalls(error, calls);
  const program = untilTestEnds(await startProgram([packedProbe(), 'report'], { life: 'pid 1', through }));
  const { status, stderr } = await program.result();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect((await readdir(dirname(packedProbe()))).filter((name) => name.startsWith('.'))).toEqual([]);
});
