import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { randomSeed } from '../../../cmd/orchestrator/program.ts';
import { deriveHashSecrets } from './hash-secrets.ts';

const fixture = join(import.meta.dirname, 'fixtures', 'print-primes.ts');

test.each([randomSeed, 1, 5, 2 ** 31 - 1])('V8 finds the same primes with --random-seed=%d', (seed) => {
  const { hashSeed, primes } = deriveHashSecrets(seed);
  const parameters = [`--random-seed=${seed}`, fixture, String(hashSeed)];
  expect(execFileSync(process.execPath, parameters, { encoding: 'utf8' })).toBe(`${primes.join(' ')}\n`);
});

test('the seed of the executable takes less than half of the time of most others', () => {
  const others = Array.from({ length: 99 }, (_, index) => deriveHashSecrets(1000 + index).powers);
  const median = others.sort((a, b) => a - b)[Math.floor(others.length / 2)] ?? 0;
  expect(deriveHashSecrets(randomSeed).powers).toBeLessThan(median / 2);
});
