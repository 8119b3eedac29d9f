import { expect, test } from 'vitest';
import { BareImage } from '../dev/testing/bare-image.ts';
import { readProc, statusField } from '../dev/testing/proc.ts';
import { waitFor } from '../dev/testing/wait-for.ts';
import { forwardedSignals } from '../signals.ts';

const signals = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGCONT',
  'SIGWINCH',
] as const;
const held = forwardedSignals.reduce((bits, signal) => bits | (1n << BigInt(signal - 1)), 0n);

test('delivers signals that PID 1 gets before JavaScript listens', async () => {
  await using image = await BareImage.create();
  await using program = await image.start(['listenLate', ...signals]);
  // Usually, the launcher has blocked them long before JavaScript runs.
  await waitFor('the launcher blocks the signals that go on to a task, and none of the others', () => {
    return statusField(readProc(program.pid, 'status'), 'SigBlk') === held.toString(16);
  });
  for (const signal of [...signals, 'SIGTERM'] as const) program.signal(signal);

  const { status, stdout } = await program.result();
  expect(status).toBe(7);
  const [first, ...others] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(first).toBe('listening');
  expect(others.sort()).toEqual([...signals, 'SIGTERM'].sort());
});
