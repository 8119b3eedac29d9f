import { open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { command } from './fixtures/in-namespace.ts';
import { complete, useInit } from './fixtures/use-init.ts';
import { place, waitForPartFile } from './fixtures/volume.ts';

/** Takes long enough to copy that a test can act meanwhile. */
const sparseBytes = 256 * 1024 * 1024;

const init = useInit();

describe('an interruption', () => {
  test('before the start copies nothing', async () => {
    await rm(init.source('orchestrator'));
    expect((await init.fail({}, AbortSignal.abort('SIGTERM'))).message).toBe(
      `interrupted by SIGTERM before ${init.destination('orchestrator')} was in place`,
    );
    expect(await init.listing()).toEqual([]);
  });

  test('within a file removes the part and leaves the old copy', async () => {
    await truncate(init.source('orchestrator'), sparseBytes);
    await writeFile(init.destination('orchestrator'), 'old');
    const controller = new AbortController();
    const run = init.fail({}, controller.signal);
    await waitForPartFile(init.volume().destination);
    const reason = new Error('enough');
    controller.abort(reason);

    expect(await run).toMatchObject({
      message: `interrupted before ${init.destination('orchestrator')} was in place`,
      cause: reason,
    });
    expect(await init.listing()).toEqual(['orchestrator']);
    expect(await readFile(init.destination('orchestrator'), 'utf8')).toBe('old');
  });

  test('by SIGTERM is reported as such', async () => {
    await truncate(init.source('orchestrator'), sparseBytes);
    const [file, args] = command(init.volume());
    const child = execa(file, args, { forceKillAfterDelay: false });
    await waitForPartFile(init.volume().destination);
    child.kill('SIGTERM');
    expect(JSON.parse((await child).stdout)).toMatchObject({
      failure: `interrupted by SIGTERM before ${init.destination('orchestrator')} was in place`,
      left: [],
    });
  });

  test('by SIGKILL leaves a part file that the next run removes', async () => {
    await truncate(init.source('orchestrator'), sparseBytes);
    const [file, args] = command(init.volume());
    const child = execa(file, args, { reject: false });
    await waitForPartFile(init.volume().destination);
    child.kill('SIGKILL');
    await child;
    expect(await init.listing()).toEqual([
      expect.stringMatching(/^\.orchestrator-init-part\.orchestrator\./),
    ]);

    await place(init.volume().source, 'orchestrator', '#!/bin/sh\n');
    await init.run();
    expect(await init.listing()).toEqual(complete);
    expect(init.events()).toContainEqual(
      expect.objectContaining({ level: 'info', message: 'init: removed what an interrupted run left' }),
    );
  });
});

describe('another run', () => {
  test('replaces what is there', async () => {
    await init.run();
    await place(init.volume().source, 'orchestrator', '#!/bin/sh\n# new\n', 0o711);
    await init.run();
    expect(await readFile(init.destination('orchestrator'), 'utf8')).toBe('#!/bin/sh\n# new\n');
    expect((await stat(init.destination('orchestrator'))).mode & 0o777).toBe(0o711);
    expect(await init.listing()).toEqual(complete);
  });

  test('leaves the old file to those who have it open', async () => {
    await init.run();
    await using reader = await open(init.destination('orchestrator'));
    await place(init.volume().source, 'orchestrator', '#!/bin/sh\n# new\n');
    await init.run();
    expect(await reader.readFile('utf8')).toBe('#!/bin/sh\nexit 0\n# orchestrator\n');
  });

  test('replaces a binary that is running', async () => {
    const { stdout: sleep } = await execa('sh', ['-c', 'command -v sleep']);
    await place(init.volume().source, 'circleci-agent', await readFile(sleep));
    await init.run();
    const running = execa(init.destination('circleci-agent'), ['60'], { reject: false, argv0: 'sleep' });
    await init.run();
    running.kill('SIGTERM');
    expect((await running).signal).toBe('SIGTERM');
  });

  test('does not harm one that is under way', async () => {
    await truncate(init.source('orchestrator'), sparseBytes / 4);
    const first = init.run();
    await waitForPartFile(init.volume().destination);
    await Promise.all([first, init.run(), init.run()]);
    expect(init.events().map(({ message }) => message)).toContain(
      'init: removed what an interrupted run left',
    );
    expect(await init.listing()).toEqual(complete);
    expect((await stat(init.destination('orchestrator'))).size).toBe(sparseBytes / 4);
  });
});
