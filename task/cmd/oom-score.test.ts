import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { childOomScoreAdj } from './oom-score.ts';

test('is 500 above our own', () => {
  const own = Number(readFileSync('/proc/self/oom_score_adj', 'latin1'));
  expect(childOomScoreAdj()).toBe(own + 500);
});

test.each([501, 1000])('is the highest there is for our own of %d', async (own) => {
  const program = `
    require('node:fs').writeFileSync('/proc/self/oom_score_adj', '${own}');
    import('${import.meta.dirname}/oom-score.ts').then((module) => console.log(module.childOomScoreAdj()));`;
  const { stdout } = await execa(process.execPath, ['-e', program]);
  expect(stdout).toBe('1000');
});
