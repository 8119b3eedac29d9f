import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { sharedScratchFolder } from '../../internal/dev/testing/scratch-folder.ts';
import { Failure } from '../../internal/failure.ts';
import { repository } from '../../internal/packer/repository.ts';
import * as linux from './platform.linux.ts';
import * as windows from './platform.windows.ts';

const bundler = path.join(repository, 'internal', 'packer', 'bundle.ts');

/** The compiler takes this only if the one can stand in for the other in the bundle. */
const platforms: readonly (typeof linux)[] = [linux, windows];

const output = sharedScratchFolder();
const bundles = { linux: '', windows: '' };

beforeAll(async () => {
  for (const platform of ['linux', 'windows'] as const) {
    const folder = path.join(output.path, platform);
    await execa(process.execPath, [bundler, '--platform', platform, '--out', folder]);
    const files = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'));
    bundles[platform] = files.join('\n');
  }
});

test('both platforms offer the same', () => {
  const [first, second] = platforms.map((platform) => Object.keys(platform).sort());
  expect(second).toEqual(first);
});

test('the bundle for Windows has the functions of Windows and none of Linux', () => {
  expect(bundles.windows).toContain('AssignProcessToJobObject');
  expect(bundles.windows).not.toMatch(/posix_spawn|waitpid|pthread_sigmask|orchestrator-exec/);
});

test('the bundle for Linux has the functions of Linux and none of Windows', () => {
  expect(bundles.linux).toMatch(/posix_spawn/);
  expect(bundles.linux).not.toMatch(/kernel32|AssignProcessToJobObject|VirtualAlloc/);
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

test('override is a usage error on Windows, which says what to do', () => {
  const run = () => windows.runOverride({});
  expect(run).toThrow(Failure);
  expect(run).toThrow(/not available on Windows.*start run-task.*"cmd"/);
  try {
    void run();
  } catch (error) {
    expect(error).toMatchObject({ code: 'usage', exitStatus: 80 });
  }
});

test('on Windows the configuration is handed over, and in the environment no more', () => {
  process.env.CIRCLECI_GOAT_CONFIG = '{"token":"Sesame"}';
  const { environment } = windows.takeHandoff();
  expect(environment.get('CIRCLECI_GOAT_CONFIG')).toBe('{"token":"Sesame"}');
  expect(process.env).not.toHaveProperty('CIRCLECI_GOAT_CONFIG');
});

test('on Windows no variable says where certificates are', () => {
  expect(() => windows.checkTrustStore({ SSL_CERT_FILE: '/' })).not.toThrow();
  expect(() => linux.checkTrustStore({ SSL_CERT_FILE: '/' })).toThrow('it is a directory');
});
