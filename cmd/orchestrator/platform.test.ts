import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sharedScratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { bundle } from '../../internal/packer/bundle.ts';
import type { Platform } from '../../internal/packer/program.ts';
import { program } from './program.ts';

const stamp = { version: 'dev', commit: 'none', date: 'unknown' };
const scratch = sharedScratchFolder();

interface Content {
  /** Our source files in it. */
  readonly sources: readonly string[];
  readonly text: string;
}

async function contentFor(platform: Platform): Promise<Content> {
  const { folder, metafile } = await bundle(program, platform, stamp, join(scratch.path, platform));
  const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  return {
    sources: Object.keys(metafile.inputs).filter((file) => !file.startsWith('node_modules/')),
    text: files.join('\n'),
  };
}

const ofLinux = /\.linux\.ts$|\/linux\//;
const ofWindows = /\.windows\.ts$|\/windows\//;

describe.each<[Platform, RegExp, RegExp, string, RegExp]>([
  ['linux', ofLinux, ofWindows, 'posix_spawn', /kernel32|AssignProcessToJobObject|VirtualAlloc/],
  [
    'windows',
    ofWindows,
    ofLinux,
    'AssignProcessToJobObject',
    /posix_spawn|waitpid|pthread_sigmask|orchestrator-exec|cgroup|\/etc\/passwd/,
  ],
])('the bundle for %s', (platform, own, others, ownCall, othersCalls) => {
  let content: Content;

  beforeAll(async () => {
    content = await contentFor(platform);
  });

  test('has the modules of its own platform only', () => {
    expect(content.sources.filter((file) => own.test(file)).length).toBeGreaterThan(8);
    expect(content.sources.filter((file) => others.test(file))).toEqual([]);
  });

  test('has the functions of its own platform only', () => {
    expect(content.text).toContain(ownCall);
    expect(content.text).not.toMatch(othersCalls);
  });
});
