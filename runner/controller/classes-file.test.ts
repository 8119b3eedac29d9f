import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { RecordingLogger } from '../../internal/dev/testing/recording-logger.ts';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { ClassesFile } from './classes-file.ts';

/** A file with this text, which is checked for changes all the time. */
async function startFile(text: string | undefined) {
  const path = join(scratchFolder(), 'taskpods');
  const write = (changed: string) => {
    writeFileSync(`${path}.new`, changed);
    // A reader sees the old or the new file, as with a ConfigMap.
    renameSync(`${path}.new`, path);
  };
  if (text !== undefined) write(text);
  const logger = new RecordingLogger();
  const { events: lines } = logger;
  let rejected = 0;
  const file = new ClassesFile(path, logger, () => rejected++);
  await file.load();
  const end = new AbortController();
  const done = file.follow(end.signal, 1);
  onTestFinished(async () => {
    end.abort();
    await done;
  });
  const names = () => [...file.classes.byDottedName.keys()];
  const logged = (words: string) => lines.filter(({ message }) => message.includes(words)).length;
  return { file, logged, names, path, rejections: () => rejected, write };
}

test('a change is applied', async () => {
  const { logged, names, write } = await startFile('resourceClasses: {a.b: }');
  expect(names()).toEqual(['a.b']);
  write('resourceClasses: {c.d: }');
  await waitFor('the change', () => names()[0] === 'c.d');
  await waitFor('a line', () => logged('was read again') > 0);
  expect(logged('was read again')).toBe(1);
});

test('an unusable change leaves the classes as they were, and counts once', async () => {
  const { file, logged, names, rejections, write } = await startFile('resourceClasses: {a.b: }');
  expect(file.isAccepted).toBe(true);
  write('resourceClasses: [');
  await waitFor('the rejection', () => rejections() > 0);
  expect(file.isAccepted).toBe(false);
  write('resourceClasses: {c.d: }');
  await waitFor('the change', () => names()[0] === 'c.d');
  expect(rejections()).toBe(1);
  expect(file.isAccepted).toBe(true);
  expect(logged('the previous one stays')).toBe(1);
});

test('a missing file is not an error, is reported once, and is read when it appears', async () => {
  const { logged, names, write } = await startFile(undefined);
  expect(names()).toEqual([]);
  expect(logged('cannot be read')).toBe(1);
  write('resourceClasses: {a.b: }');
  await waitFor('the file', () => names()[0] === 'a.b');
  expect(logged('cannot be read')).toBe(1);
});

test('a file that disappears leaves its classes', async () => {
  const { logged, names, path } = await startFile('resourceClasses: {a.b: }');
  rmSync(path);
  await waitFor('a line', () => logged('cannot be read') > 0);
  expect(names()).toEqual(['a.b']);
});

test('an unusable file at the start is an error', async () => {
  await expect(startFile('resourceClasses: [')).rejects.toThrow(
    /taskpods cannot be used: it is not valid YAML/,
  );
});

test('unknown keys are warnings', async () => {
  const { logged } = await startFile('extra: 1');
  expect(logged('has no effect')).toBe(1);
});

test('a class without an entry is settled three minutes after it got its token, or lost the entry', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { file, names, write } = await startFile('resourceClasses: {a.b: }');
  const nowMs = performance.now();
  const tokensMs = { 'a.b': -Infinity, plain: -Infinity, new: nowMs, late: nowMs };
  const unsettled = () =>
    Object.entries(tokensMs)
      .filter(([name, tokenMs]) => file.isUnsettled(name, tokenMs))
      .map(([name]) => name);
  expect(unsettled()).toEqual(['new', 'late']);
  write('resourceClasses: {new: }');
  await waitFor('the change', () => names()[0] === 'new');
  expect(unsettled()).toEqual(['a.b', 'late']);
  vi.advanceTimersByTime(179_999);
  expect(unsettled()).toEqual(['a.b', 'late']);
  vi.advanceTimersByTime(1);
  expect(unsettled()).toEqual([]);
});

test('an entry that is removed holds for three minutes more, for tasks that are already claimed', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { file, names, write } = await startFile('resourceClasses: {a.b: {spec: {hostNetwork: true}}}');
  write('resourceClasses: {c.d: }');
  await waitFor('the change', () => names()[0] === 'c.d');
  vi.advanceTimersByTime(179_999);
  expect(file.entryOf('a.b')?.spec).toEqual({ hostNetwork: true });
  vi.advanceTimersByTime(1);
  expect(file.entryOf('a.b')).toBeUndefined();
  write('resourceClasses: {a.b: {spec: {hostPID: true}}}');
  await waitFor('the change', () => names()[0] === 'a.b');
  expect(file.entryOf('a.b')?.spec).toEqual({ hostPID: true });
});

test('without a file no class waits for an entry', async () => {
  const file = new ClassesFile('', new RecordingLogger(), () => undefined);
  await file.load();
  expect(file.isUnsettled('a.b', performance.now())).toBe(false);
});
