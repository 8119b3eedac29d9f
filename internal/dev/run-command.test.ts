import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { runCommand } from './run-command.ts';

test('a command gets its input, and its output is returned', async () => {
  expect(await runCommand(['tr', 'a-z', 'A-Z'], { input: 'text' })).toBe('TEXT');
  expect(await runCommand(['cat'], { input: Readable.from(['a', 'b']) })).toBe('ab');
});

test.each([
  { command: ['sh', '-c', 'echo why >&2; exit 3'], message: 'sh -c echo why >&2; exit 3 ended with 3: why' },
  { command: ['sh', '-c', 'echo result; exit 1'], message: 'ended with 1: result' },
  { command: ['sh', '-c', 'kill -9 $$'], message: 'ended with SIGKILL' },
  { command: ['/nowhere/program'], message: 'ENOENT' },
])('a command that does not end well is an error: $message', async ({ command, message }) => {
  await expect(runCommand(command)).rejects.toThrow(message);
});

test.each([
  ['closes its input', 'exec <&-; echo enough >&2; exit 1'],
  ['ends without a look at its input', 'echo enough >&2; exit 1'],
  ['is killed while it reads', 'echo enough >&2; head -c 999; kill -9 $$'],
])('a command that %s is reported with its own words', async (_, script) => {
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(1024);
    })(),
  );
  const command = ['sh', '-c', script];
  await expect(runCommand(command, { input: endless })).rejects.toThrow('enough');
});

test('the error is that of an unreadable input, not the result of the command', async () => {
  const broken = Readable.from(
    (function* () {
      yield 'beginning';
      throw new Error('no such file');
    })(),
  );
  await expect(runCommand(['cat'], { input: broken })).rejects.toThrow('no such file');
});

test('a signal ends the command, and its reason is the error', async () => {
  const end = new AbortController();
  const running = runCommand(['sleep', '600'], { signal: end.signal });
  end.abort(new Error('interrupted'));
  await expect(running).rejects.toThrow('interrupted');
});
