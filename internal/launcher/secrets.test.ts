import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { BareImage } from '../dev/testing/bare-image.ts';
import { isRoot } from '../dev/testing/is-root.ts';
import { readProc } from '../dev/testing/proc.ts';

const environment = { CIRCLECI_GOAT_CONFIG: '{"token":"hush"}', OTHER: 'hush' };
const parameters = ['--config', 'hush', '--config={"token":"hush"}', 'shown'];

/** Runs the check on the pid of a program that was started with secrets and already runs JavaScript. */
async function whileRunning(uid: number | undefined, check: (pid: number) => void): Promise<void> {
  await using image = await BareImage.create();
  await using program = await image.start(['listen', ...parameters], { environment, uid });
  await program.printed(/\n/);
  check(program.pid);
}

test('leaves nothing in the environment that the kernel shows', async () => {
  await whileRunning(undefined, (pid) => {
    expect(readProc(pid, 'environ')).toMatch(/^\0+$/);
  });
});

test('leaves the arguments that the kernel shows, except the configuration', async () => {
  await whileRunning(undefined, (pid) => {
    const shown = readProc(pid, 'cmdline').split('\0').filter(Boolean);
    expect(shown).toEqual(['/probe', 'listen', '--config', '--config=', 'shown']);
  });
});

test.runIf(isRoot)('is closed to other processes of the same user', async () => {
  await whileRunning(1000, (pid) => {
    for (const file of ['environ', 'mem', 'maps', 'fd/4']) {
      const { status, stderr } = spawnSync('head', ['-c1', `/proc/${pid}/${file}`], { uid: 1000, gid: 1000 });
      expect({ file, status, stderr: String(stderr) }).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('Permission denied'),
      });
    }
  });
});
