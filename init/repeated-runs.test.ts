import { readdirSync } from 'node:fs';
import { copyFile, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { binaries } from './binaries.linux.ts';
import { command } from './fixtures/in-namespace.ts';
import { complete, useInit } from './fixtures/use-init.ts';
import { isPartFile, place, waitForPartFile } from './fixtures/volume.ts';

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
    await writeFile(init.destination('orchestrator'), 'old');
    const { signal } = new AbortController();
    const reason = new Error('enough');
    const aborted = () => readdirSync(init.volume().destination).some(isPartFile);
    Object.defineProperties(signal, { aborted: { get: aborted }, reason: { value: reason } });

    expect(await init.fail({}, signal)).toMatchObject({
      message: `interrupted before ${init.destination('orchestrator')} was in place`,
      cause: reason,
    });
    expect(await init.listing()).toEqual(['orchestrator']);
    expect(await readFile(init.destination('orchestrator'), 'utf8')).toBe('old');
  });

  test('by SIGTERM is reported with the name of the signal', async () => {
    const [file, args] = command(init.volume(), 'halfway');
    const child = execa(file, args, { forceKillAfterDelay: false });
    await waitForPartFile(init.volume().destination);
    child.kill('SIGTERM');
    expect(JSON.parse((await child).stdout)).toMatchObject({
      failure: `interrupted by SIGTERM before ${init.destination('orchestrator')} was in place`,
      left: [],
    });
  });

  test('by SIGKILL leaves a part file that the next run removes', async () => {
    const [file, args] = command(init.volume(), 'halfway');
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

  test('does not change the old file for processes that have it open', async () => {
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
    const content = await readFile(init.source('orchestrator'));
    vi.spyOn(process, 'availableMemory').mockReturnValue(0);
    onTestFinished(() => void vi.restoreAllMocks());
    let others = 2;
    const copyDirectly = async (source: string, part: string) => {
      await copyFile(source, part);
      if (others-- > 0) await init.run();
    };
    await init.run({ binaries: { ...binaries, copyDirectly } });
    const messages = init.events().map(({ message }) => message);
    expect(
      messages.filter((message) => message === 'init: removed what an interrupted run left'),
    ).toHaveLength(2);
    expect(await init.listing()).toEqual(complete);
    expect((await readFile(init.destination('orchestrator'))).equals(content)).toBe(true);
  });
});
