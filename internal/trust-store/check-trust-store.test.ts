import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { isRoot } from '../dev/testing/is-root.ts';
import { sharedScratchFolder } from '../dev/testing/scratch-folder.ts';
import { Environment } from '../environment.ts';
import { checkTrustStore } from './check-trust-store.linux.ts';
import { checkTrustStore as checkOnWindows } from './check-trust-store.windows.ts';

const folder = sharedScratchFolder();

beforeAll(() => {
  mkdirSync(join(folder.path, 'certs'));
  mkdirSync(join(folder.path, 'more-certs'));
  writeFileSync(join(folder.path, 'ca.pem'), 'whatever it holds');
  writeFileSync(join(folder.path, 'secret.pem'), '', { mode: 0o000 });
  mkdirSync(join(folder.path, 'secret'), { mode: 0o000 });
});

function at(value: string): string {
  return value.replaceAll('@', folder.path);
}

function check(variables: Readonly<Record<string, string>>): void {
  const entries = Object.entries(variables).map(([name, value]) => [name, at(value)]);
  checkTrustStore(Environment.fromObject(Object.fromEntries(entries)));
}

describe('is content', () => {
  test.each<Readonly<Record<string, string>>>([
    {},
    { SSL_CERT_FILE: '', SSL_CERT_DIR: '' },
    { SSL_CERT_FILE: '@/ca.pem' },
    { SSL_CERT_DIR: '@/certs' },
    { SSL_CERT_DIR: '@/certs:@/more-certs:' },
    { SSL_CERT_FILE: '@/no-such-file' },
    { SSL_CERT_DIR: '@/no-such-directory:@/certs' },
  ])('with %j', (variables) => {
    check(variables);
  });

  test('on Windows, where no variable names certificates', () => {
    checkOnWindows(Environment.fromObject({ SSL_CERT_FILE: folder.path }));
  });
});

describe('is a retryable failure that names variable and path', () => {
  test.each([
    ['SSL_CERT_FILE', '@/certs', '@/certs', 'it is a directory'],
    ['SSL_CERT_FILE', '@/ca.pem/x', '@/ca.pem/x', 'ENOTDIR'],
    ['SSL_CERT_DIR', '@/ca.pem', '@/ca.pem', 'ENOTDIR'],
    ['SSL_CERT_DIR', '@/certs:@/ca.pem', '@/ca.pem', 'ENOTDIR'],
  ])('%s=%s', (variable, value, culprit, reason) => {
    expect(() => check({ [variable]: value })).toThrow(
      expect.objectContaining({
        code: 'trust-store',
        retryable: true,
        message: expect.stringContaining(`The certificates at ${variable}=${at(culprit)} cannot be read: `),
      }),
    );
    expect(() => check({ [variable]: value })).toThrow(reason);
  });

  test.each([
    ['SSL_CERT_FILE', '@/secret.pem'],
    ['SSL_CERT_DIR', '@/secret'],
  ])('%s=%s, which only others may read', async (variable, value) => {
    const { stdout } = await execa(
      process.execPath,
      [join(import.meta.dirname, 'fixtures/check-trust-store.ts'), variable, at(value)],
      isRoot ? { uid: 65534, gid: 65534 } : {},
    );
    expect(stdout).toContain(
      `trust-store The certificates at ${variable}=${at(value)} cannot be read: EACCES`,
    );
  });
});
