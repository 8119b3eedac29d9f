import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { avoidOomKiller, childOomScoreAdj } from './oom-score.linux.ts';

let root: string;

beforeEach(() => {
  root = scratchFolder();
});

function write(file: string, content: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), content);
}

test.each([
  ['a tenth of the limit above our own', 0, 4294967296, 100],
  ['a tenth above where there is no limit', 0, undefined, 100],
  ['more in a small container, where this process is a larger part', 0, 268435456, 250],
  ['the highest if this process would fill the container', 0, 33554432, 1000],
  ['never above the highest', 950, 4294967296, 1000],
  ['above our own when that is low', -997, 4294967296, -897],
])('is %s', (_what, own, limit, expected) => {
  write('proc/self/oom_score_adj', `${own}\n`);
  expect(childOomScoreAdj(limit, root)).toBe(expected);
});

test('does not change if it cannot be read', () => {
  expect(childOomScoreAdj(undefined, root)).toBeUndefined();
});

describe('this process', () => {
  function scoreIfWatched(isWatched: boolean): string {
    write('proc/self/oom_score_adj', '900\n');
    avoidOomKiller(() => isWatched, root);
    return readFileSync(join(root, 'proc/self/oom_score_adj'), 'latin1').trim();
  }

  test('avoids the OOM killer', () => {
    expect(scoreIfWatched(true)).toBe('-1000');
  });

  test('does not do so if nothing would end it when no memory is left', () => {
    expect(scoreIfWatched(false)).toBe('900');
  });

  test('continues, unwatched, if it may not do so', () => {
    let watches = 0;
    avoidOomKiller(() => ++watches > 0, root);
    expect(watches).toBe(0);
  });
});
