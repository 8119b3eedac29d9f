/** @module-tag timed */
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const demo = join(import.meta.dirname, '../../internal/dev/demo/demo.ts');

test.each(['success', 'fail', 'retry', 'evict', 'override'])(
  'the demo of a task shows what it promises: %s',
  { tags: ['not-emulated/demo'] },
  async (name) => {
    const { stdout, exitCode } = await execa(process.execPath, [demo, name], { reject: false });
    expect(stdout.split('\n').filter((line) => line.includes('NOT SO'))).toEqual([]);
    expect(stdout).toContain('Promised');
    expect(exitCode).toBe(0);
  },
);
