import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { avoidOomKiller, childOomScoreAdj } from './oom-score.linux.ts';

let root: string;

beforeEach(() => {
  root = scratchFolder();
});

function write(file: string, content: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), content);
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

/** A container with this limit, and a file system in memory that is larger than any limit. */
function avoidIn(limitBytes: number | undefined, mountOptions: string): string {
  write('proc/self/oom_score_adj', '900\n');
  const disk = '21 1 259:0 / / rw - ext4 /dev/root rw';
  write('proc/self/mountinfo', `${disk}\n42 21 0:40 / /shared ${mountOptions} - tmpfs tmpfs rw,size=9g\n`);
  mkdirSync(path.join(root, 'shared'));
  avoidOomKiller(limitBytes, root);
  return readFileSync(path.join(root, 'proc/self/oom_score_adj'), 'latin1').trim();
}

describe('this process', () => {
  test.each([
    ['where there is no limit', undefined, 'rw,noatime'],
    ['where files in memory cannot be written', 268435456, 'ro,noatime'],
  ])('avoids the OOM killer %s', (_where, limit, mountOptions) => {
    expect(avoidIn(limit, mountOptions)).toBe('-1000');
  });

  test('does not do so if files in memory could fill the container', () => {
    expect(avoidIn(268435456, 'rw,noatime')).toBe('900');
  });

  test('continues if it may not do so', () => {
    avoidOomKiller(undefined, root);
  });
});
