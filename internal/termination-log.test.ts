import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { scratchFolder } from '../internal/dev/testing/scratch-folder.ts';
import { isUntold, untold, writeTerminationLog } from './termination-log.ts';

let file: string;

beforeEach(() => {
  file = join(scratchFolder(), 'termination-log');
});

function written(message: string): string {
  writeFileSync(file, 'an older message that is longer than the new one');
  writeTerminationLog(message, file);
  return readFileSync(file, 'utf8');
}

test.each(['', 'short', 'grüße 😀\n'])('replaces the old content with the message: %j', (message) => {
  expect(written(message)).toBe(message);
});

test.each([4095, 4096])('keeps %d bytes', (size) => {
  expect(written('x'.repeat(size))).toBe('x'.repeat(size));
});

test.each([
  ['x', 4096],
  ['é', 4096],
  ['€', 4095],
  ['😀', 4096],
  ['.😀', 4093],
])('cuts a longer one of %s at 4096 bytes or before the character that has no room', (text, bytes) => {
  const message = text.startsWith('.') ? `.${text.slice(1).repeat(3000)}` : text.repeat(5000);
  const result = written(message);
  expect(Buffer.byteLength(result)).toBe(bytes);
  expect(message.startsWith(result)).toBe(true);
});

test.each([
  [`${untold} The orchestrator was killed.`, true],
  ['orchestrator: cannot start with so few open files', true],
  ['', false],
  ['The task agent failed: exit status 3.', false],
  [`The stderr of a job: ${untold}`, false],
])('tells by a message whether the runner API was not told: %j', (message, expected) => {
  expect(isUntold(message)).toBe(expected);
});

test('never creates the file', () => {
  writeTerminationLog('message', file);
  expect(existsSync(file)).toBe(false);
});

test('does no harm if it is a directory', () => {
  mkdirSync(file);
  writeTerminationLog('message', file);
});

test('does no harm if a part of its path is a file', () => {
  writeFileSync(file, 'content');
  writeTerminationLog('message', join(file, 'x'));
  expect(readFileSync(file, 'utf8')).toBe('content');
});

test('does not hang on a FIFO that nobody reads', () => {
  execFileSync('mkfifo', [file]);
  writeTerminationLog('message', file);
});
