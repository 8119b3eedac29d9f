import { deriveHashSecrets } from './hash-secrets.ts';

/*
 * Searches a --random-seed that makes V8's start short, and prints each seed that is better than the previous
 * ones: node internal/dev/seed/find-seed.ts HIGHEST
 */
const highest = Number(process.argv[2]);
if (!(highest > 0)) throw new Error('usage: find-seed.ts HIGHEST');
let best = Number.POSITIVE_INFINITY;
for (let seed = 1; seed <= highest; seed++) {
  const { powers } = deriveHashSecrets(seed);
  if (powers >= best) continue;
  best = powers;
  console.log(`--random-seed=${seed}: ${powers} powers`);
}
