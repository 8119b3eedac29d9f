import { expect, test } from 'vitest';
import { waitFor } from '../../internal/dev/testing/wait-for.ts';
import { tellWhilePending } from './tell-while-pending.ts';

test('writes a line again and again until the Pod has started, or the signal aborts', async () => {
  const told: string[] = [];
  let isPending = true;
  let looks = 0;
  const look = () => {
    looks++;
    return isPending;
  };
  const end = new AbortController();
  const telling = tellWhilePending(look, (line) => told.push(line), end.signal, 10);
  await waitFor('two lines', () => told.length >= 2);
  expect(told.slice(0, 2)).toEqual([
    'The Pod has not started within 10ms.',
    'The Pod has not started within 20ms.',
  ]);
  isPending = false;
  const [lines, before] = [told.length, looks];
  await waitFor('some more looks', () => looks > before + 2);
  expect(told).toHaveLength(lines);
  end.abort();
  await telling;
});
