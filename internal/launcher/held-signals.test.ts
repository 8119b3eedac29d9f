import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { BareImage } from '../dev/testing/bare-image.ts';
import { childrenOf, readProc, statusField } from '../dev/testing/proc.ts';
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

/** Answers as soon as the launcher has blocked the signals, as a rule long before JavaScript runs. */
async function startedProgram(parentPid: number): Promise<number> {
  return waitFor('the launcher blocks the signals that go on to a task, and none of the others', () => {
    const pid = childrenOf(parentPid)[0];
    const blocked = statusField(readProc(pid ?? 0, 'status'), 'SigBlk');
    return blocked === held.toString(16) ? pid : undefined;
  });
}

test('delivers what PID 1 is sent before JavaScript listens', async () => {
  await using image = await BareImage.create();
  const parent = image.start(['listenLate', ...signals]);
  if (!parent.stdout || !parent.pid) throw new Error('unshare was not started with a pipe');
  const exited = new Promise<number | null>((resolve) => parent.once('close', resolve));
  const said: unknown[] = [];
  createInterface(parent.stdout).on('line', (line) => said.push(JSON.parse(line)));

  const pid = await startedProgram(parent.pid);
  for (const signal of [...signals, 'SIGTERM'] as const) process.kill(pid, signal);

  expect(await exited).toBe(7);
  expect(said[0]).toBe('listening');
  expect(said.slice(1).sort()).toEqual([...signals, 'SIGTERM'].sort());
});
