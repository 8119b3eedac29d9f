import { chmod, lstat, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { isRoot } from '../internal/dev/testing/is-root.ts';
import {
  findObstacleAsNobody,
  runAsNobody,
  runWithFileLimit,
  runWithMounts,
} from './fixtures/in-namespace.ts';
import { createVolume, place, script, type Volume } from './fixtures/volume.ts';

let volume: Volume;
beforeEach(async () => {
  volume = await createVolume();
});

const complete = ['circleci', 'circleci-agent', 'orchestrator'];
const paths = (name: string): string =>
  `cannot copy ${join(volume.source, name)} to ${join(volume.destination, name)}`;

describe('a user without privileges', () => {
  test('is told which source it may not read', async () => {
    await chmod(join(volume.source, 'circleci-agent'), 0o311);
    await chmod(volume.destination, 0o777);
    expect((await runAsNobody(volume)).failure).toBe(
      `cannot copy ${volume.source}/circleci-agent: permission denied (EACCES); look at SOURCE and at the image`,
    );
  });

  test('is told which destination it may not write', async () => {
    await chmod(volume.destination, 0o555);
    expect(await runAsNobody(volume)).toMatchObject({
      failure: expect.stringContaining(
        `${paths('orchestrator')}: permission denied (EACCES); the init container's user may not write there`,
      ),
      left: [],
    });
  });

  test('can install into a destination that it may write but not list', async () => {
    await chmod(volume.destination, 0o333);
    const { failure, events } = await runAsNobody(volume);
    await chmod(volume.destination, 0o755);
    expect(failure).toBe('');
    expect(events[0]).toMatchObject({ level: 'warn', message: 'init: cannot clean up after earlier runs' });
    expect((await lstat(join(volume.destination, 'circleci'))).isSymbolicLink()).toBe(true);
  });

  test('is told when it cannot execute the copy that it owns', async () => {
    await chmod(volume.destination, 0o777);
    await chmod(join(volume.source, 'orchestrator'), 0o655);
    expect((await runAsNobody(volume)).failure).toMatch(
      /orchestrator may not be executed by uid \d+ \(EACCES, mode 0655\); look at its x bits and its volume$/,
    );
  });

  test('may execute what it may not read', async () => {
    const path = await place(volume.destination, 'circleci-agent', script, 0o111);
    expect(await findObstacleAsNobody(path)).toBeNull();
  });

  test('needs only a writable destination on a read-only root file system', async () => {
    const mounts = 'mount -t tmpfs -o mode=1777 none "$destination"\nmount -o remount,bind,ro /';
    const wrapper = isRoot ? ['setpriv', '--reuid=65534', '--clear-groups'] : [];
    expect(await runWithMounts(volume, mounts, wrapper)).toMatchObject({ failure: '', left: complete });
  });
});

describe('a destination', () => {
  test('that is full is named, and keeps only what was there before', async () => {
    await place(volume.source, 'circleci-agent', Buffer.alloc(2 * 1024 * 1024, script));
    const mounts = 'mount -t tmpfs -o size=1m none "$destination"\necho old > "$destination/circleci-agent"';
    const report = await runWithMounts(volume, mounts);
    expect(report).toMatchObject({
      failure: expect.stringContaining(
        `${paths('circleci-agent')}: no space left on device (ENOSPC); look at`,
      ),
      left: ['circleci-agent', 'orchestrator'],
    });
  });

  test('that has no inodes left is named', async () => {
    const mounts = 'mount -t tmpfs -o nr_inodes=2 none "$destination"';
    expect(await runWithMounts(volume, mounts)).toMatchObject({
      failure: expect.stringContaining(
        `${paths('circleci-agent')}: no space left on device (ENOSPC); look at`,
      ),
      left: ['orchestrator'],
    });
  });

  test('that cannot hold a file of that size is named, and no part file is left', async () => {
    await place(volume.source, 'orchestrator', Buffer.alloc(100_000, script));
    expect(await runWithFileLimit(volume, 64)).toMatchObject({
      failure: `${paths('orchestrator')}: file too large (EFBIG)`,
      left: [],
    });
  });

  test('that is read-only is named', async () => {
    const mounts = 'mount --bind "$destination" "$destination"\nmount -o remount,bind,ro "$destination"';
    expect(await runWithMounts(volume, mounts)).toMatchObject({
      failure: `${paths('orchestrator')}: read-only file system (EROFS); mount the volume writable`,
      left: [],
    });
  });

  test('with a mount on the target file is named', async () => {
    const file = await place(volume.destination, 'orchestrator', 'mounted');
    const mounts = 'mount --bind "$destination/orchestrator" "$destination/orchestrator"';
    expect(await runWithMounts(volume, mounts)).toMatchObject({
      failure: expect.stringContaining(
        `${paths('orchestrator')}: resource busy or locked (EBUSY); something is`,
      ),
      left: ['orchestrator'],
    });
    expect(await readFile(file, 'utf8')).toBe('mounted');
  });

  test('that is mounted noexec is named when everything has been copied', async () => {
    const destination = join(volume.destination, 'with space');
    await mkdir(destination);
    const mounts = 'mount -t tmpfs -o noexec none "$destination"';
    const cause = `cannot be executed: ${destination} is mounted noexec; mount the volume without that option`;
    expect(await runWithMounts({ ...volume, destination }, mounts)).toMatchObject({
      failure: `${destination}/orchestrator ${cause}; ${destination}/circleci-agent ${cause}`,
      left: complete,
    });
  });
});
