import type { LookupAddress } from 'node:dns';
import { lookup as resolve } from 'node:dns/promises';
import { expect, test, vi } from 'vitest';
import { createLookup } from './lookup.ts';

vi.mock('node:dns/promises', () => ({ lookup: vi.fn() }));

test('attempts share a running lookup, and a later one starts a new lookup', async () => {
  const answers: ((addresses: LookupAddress[]) => void)[] = [];
  vi.mocked(resolve).mockImplementation(
    () => new Promise((answer) => answers.push(answer as () => void)) as never,
  );
  const lookup = createLookup();
  const ask = (all: boolean) =>
    new Promise((done) => lookup('runner.test', { all }, (_error, ...answer) => done(answer)));
  const [one, two] = [ask(true), ask(false)];
  expect(answers).toHaveLength(1);
  const address = { address: '192.0.2.1', family: 4 };
  answers[0]?.([address]);
  expect(await one).toEqual([[address]]);
  expect(await two).toEqual(['192.0.2.1', 4]);
  const three = ask(true);
  expect(answers).toHaveLength(2);
  answers[1]?.([]);
  expect(await three).toEqual([[]]);
});

test('a failed lookup fails for all attempts', async () => {
  vi.mocked(resolve).mockRejectedValue(new Error('no such name'));
  const lookup = createLookup();
  const ask = () => new Promise((done) => lookup('runner.test', { all: true }, done));
  expect(await Promise.all([ask(), ask()])).toMatchObject([
    { message: 'no such name' },
    { message: 'no such name' },
  ]);
});
