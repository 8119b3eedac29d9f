/** @module-tag timed */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, expect, test } from 'vitest';
import { delay } from '../internal/delay.ts';
import { RecordingLogger } from '../internal/dev/testing/recording-logger.ts';
import { scratchFolder } from '../internal/dev/testing/scratch-folder.ts';
import { waitForReadinessFile } from './readiness-file.ts';
import { Termination } from './termination.ts';

const longMs = 600_000;
const SIGQUIT = 3;

let directory: string;
let file: string;
let logger: RecordingLogger;
let termination: Termination;

beforeEach(() => {
  directory = scratchFolder();
  file = join(directory, 'ready');
  logger = new RecordingLogger();
  termination = new Termination(logger);
});

function pause(ms: number): Promise<boolean> {
  return delay(ms, new AbortController().signal);
}

/** Starts to wait, and shows whether the wait is over. */
function startWaiting(timeoutMs = longMs): { wait: Promise<void>; isOver: () => boolean } {
  let over = false;
  const wait = waitForReadinessFile({ path: file, limitMs: timeoutMs }, termination, logger).finally(() => {
    over = true;
  });
  return { wait, isOver: () => over };
}

test('continues at once if the file already exists', async () => {
  writeFileSync(file, '');
  await waitForReadinessFile({ path: file, limitMs: longMs }, termination, logger);
  expect(logger.events).toEqual([]);
});

test('accepts a directory, because only its existence counts', async () => {
  mkdirSync(file);
  await waitForReadinessFile({ path: file, limitMs: longMs }, termination, logger);
});

test('continues when the file appears', async () => {
  const { wait, isOver } = startWaiting();
  await pause(20);
  expect(isOver()).toBe(false);
  writeFileSync(file, '');
  await wait;
  expect(logger.events).toEqual([
    {
      level: 'info',
      message: 'waiting for the readiness file',
      fields: { path: file, limit_ms: longMs },
    },
  ]);
});

test('continues when the directory of the file appears, too', async () => {
  file = join(directory, 'later/ready');
  const { wait } = startWaiting();
  await pause(20);
  mkdirSync(dirname(file));
  writeFileSync(file, '');
  await wait;
});

test('a broken link does not count as a file', async () => {
  const target = join(directory, 'target');
  symlinkSync(target, file);
  const { wait, isOver } = startWaiting();
  await pause(20);
  expect(isOver()).toBe(false);
  writeFileSync(target, '');
  await wait;
});

test('is a retryable failure that names the file if it does not appear in time', async () => {
  await expect(waitForReadinessFile({ path: file, limitMs: 50 }, termination, logger)).rejects.toMatchObject({
    code: 'readiness-timeout',
    retryable: true,
    message: expect.stringContaining(`The readiness file ${file} did not appear within 0.05 s (ENOENT).`),
  });
});

test('ends at once when a termination signal comes', async () => {
  const { wait } = startWaiting();
  termination.request(SIGQUIT);
  await expect(wait).rejects.toMatchObject({
    code: 'not-started',
    logFields: { code: 'not-started', retryable: true, signal: 'SIGQUIT' },
    message: expect.stringMatching(/^SIGQUIT came before the task agent was started/),
  });
});

test('does not continue after a signal, even if the file exists', async () => {
  writeFileSync(file, '');
  termination.request(SIGQUIT);
  await expect(
    waitForReadinessFile({ path: file, limitMs: longMs }, termination, logger),
  ).rejects.toMatchObject({
    code: 'not-started',
  });
});

test('no wait leaves a timer behind: a process that has waited ends by itself', async () => {
  const fixture = join(import.meta.dirname, 'fixtures/waits.ts');
  const { stdout } = await execa(process.execPath, [fixture], { timeout: 60_000 });
  expect(JSON.parse(stdout)).toEqual(['not-started', 'ready']);
});
