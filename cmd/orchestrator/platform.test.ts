import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { sharedScratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { repository } from '../../internal/packer/repository.ts';

const bundler = path.join(repository, 'internal', 'packer', 'bundle.ts');

const output = sharedScratchFolder();

interface Bundle {
  /** The sources of ours that are in it. */
  readonly sources: readonly string[];
  readonly text: string;
}

async function bundleFor(platform: string): Promise<Bundle> {
  const [out, metafile] = [path.join(output.path, platform), path.join(output.path, `${platform}.json`)];
  await execa(process.execPath, [bundler, '--platform', platform, '--out', out, '--metafile', metafile]);
  const { inputs } = JSON.parse(readFileSync(metafile, 'utf8'));
  const files = readdirSync(out).map((file) => readFileSync(path.join(out, file), 'utf8'));
  return {
    sources: Object.keys(inputs).filter((file) => !file.startsWith('node_modules/')),
    text: files.join('\n'),
  };
}

const ofLinux = /\.linux\.ts$|\/linux\//;
const ofWindows = /\.windows\.ts$|\/windows\//;

describe.each([
  ['linux', ofLinux, ofWindows, 'posix_spawn', /kernel32|AssignProcessToJobObject|VirtualAlloc/],
  [
    'windows',
    ofWindows,
    ofLinux,
    'AssignProcessToJobObject',
    /posix_spawn|waitpid|pthread_sigmask|orchestrator-exec|cgroup|\/etc\/passwd/,
  ],
])('the bundle for %s', (platform, own, others, ownCall, othersCalls) => {
  let bundle: Bundle;

  beforeAll(async () => {
    bundle = await bundleFor(platform);
  });

  test('has the modules of its platform, and none of the other one', () => {
    expect(bundle.sources.filter((file) => own.test(file)).length).toBeGreaterThan(8);
    expect(bundle.sources.filter((file) => others.test(file))).toEqual([]);
  });

  test('has the functions of its platform, and none of the other one', () => {
    expect(bundle.text).toContain(ownCall);
    expect(bundle.text).not.toMatch(othersCalls);
  });
});

test('no bundle is made for a platform that there is none for', async () => {
  const { exitCode, stderr } = await execa(
    process.execPath,
    [bundler, '--platform', 'plan9', '--out', path.join(output.path, 'x')],
    { reject: false },
  );
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('usage: bundle.ts');
});
