import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { scratchFolder } from '../dev/testing/scratch-folder.ts';
import { createAuthority } from '../dev/testing/tls-fixtures.ts';
import { Environment } from '../environment.ts';
import { Failure } from '../failure.ts';
import type { CertificatePlaces } from './system-store.ts';
import { loadTrustStore } from './trust-store.ts';

let certificates: string[];
beforeAll(async () => {
  const authorities = ['one', 'two', 'three', 'four'].map((name) => createAuthority(name));
  certificates = (await Promise.all(authorities)).map((authority) => authority.certificate);
});

let directory: string;
beforeEach(() => {
  directory = scratchFolder();
});

function load(variables: Readonly<Record<string, string>>, places?: CertificatePlaces): Promise<string[]> {
  return loadTrustStore(Environment.fromObject(variables), places);
}

const nowhere = { files: [], directories: [] };

async function put(name: string, ...numbers: number[]): Promise<string> {
  const path = join(directory, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, numbers.map((number) => certificates[number]).join(''));
  return path;
}

/** The trusted ones of the four certificates. Also checks that the built-in ones are trusted and TLS accepts all. */
function known(trusted: readonly string[]): number[] {
  createSecureContext({ ca: [...trusted] });
  expect(trusted).toEqual(expect.arrayContaining([...rootCertificates]));
  expect(new Set(trusted).size).toBe(trusted.length);
  const found = certificates.flatMap((certificate, number) =>
    trusted.includes(certificate) ? [number] : [],
  );
  expect(trusted).toHaveLength(rootCertificates.length + found.length);
  return found;
}

test('without any file, the built-in certificates remain', async () => {
  expect(known(await load({}, nowhere))).toEqual([]);
  const missing = { files: [join(directory, 'none')], directories: [join(directory, 'none')] };
  expect(known(await load({}, missing))).toEqual([]);
});

test('the usual places of this machine can be read without an error, with or without certificates', async () => {
  const trusted = await load({});
  expect(trusted.length).toBeGreaterThanOrEqual(rootCertificates.length);
  createSecureContext({ ca: trusted });
});

test('the first readable usual file is used, and all usual directories', async () => {
  const places = {
    files: [join(directory, 'none'), directory, await put('a.pem', 0), await put('b.pem', 1)],
    directories: [
      join(directory, 'none'),
      join(await put('dir1/c.crt', 2), '..'),
      join(await put('dir2/d', 3), '..'),
    ],
  };
  expect(known(await load({}, places))).toEqual([0, 2, 3]);
});

test('SSL_CERT_FILE replaces the usual files, SSL_CERT_DIR the usual directories', async () => {
  const dir = join(await put('usual/b.pem', 1), '..');
  const places = { files: [await put('a.pem', 0)], directories: [dir] };
  const SSL_CERT_FILE = await put('c.pem', 2);
  const SSL_CERT_DIR = join(await put('mine/d.pem', 3), '..');
  expect(known(await load({ SSL_CERT_FILE }, places))).toEqual([1, 2]);
  expect(known(await load({ SSL_CERT_DIR }, places))).toEqual([0, 3]);
  expect(known(await load({ SSL_CERT_FILE, SSL_CERT_DIR }, places))).toEqual([2, 3]);
  expect(known(await load({ SSL_CERT_FILE: '', SSL_CERT_DIR: '' }, places))).toEqual([0, 1]);
});

test('SSL_CERT_DIR lists directories, some of which may be missing', async () => {
  const [one, two] = [join(await put('one/a', 0), '..'), join(await put('two/b', 1), '..')];
  const SSL_CERT_DIR = `${one}:${join(directory, 'none')}::${two}`;
  expect(known(await load({ SSL_CERT_DIR }, nowhere))).toEqual([0, 1]);
});

test('missing places of the variables are skipped, as in Go', async () => {
  const none = join(directory, 'none');
  expect(known(await load({ SSL_CERT_FILE: none, SSL_CERT_DIR: none }, nowhere))).toEqual([]);
});

test.each([
  ['SSL_CERT_FILE', '.', /EISDIR/],
  ['SSL_CERT_FILE', 'file/below', /ENOTDIR/],
  ['SSL_CERT_FILE', 'huge', /more than 8388608 bytes/],
  ['SSL_CERT_DIR', 'file', /ENOTDIR/],
])('%s=%s fails in one line that names the variable and the path', async (variable, name, reason) => {
  await put('file', 0);
  await writeFile(join(directory, 'huge'), Buffer.alloc(8 * 1024 * 1024 + 1, '\n'));
  const path = join(directory, name);
  const failure = await load({ [variable]: path }, nowhere).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({ code: 'trust-store', retryable: true, cause: expect.any(Error) });
  expect(failure).toHaveProperty('message', expect.stringMatching(reason));
  expect(failure).toHaveProperty('message', expect.stringContaining(variable));
  expect(failure).toHaveProperty('message', expect.stringContaining(path));
  expect(failure).toHaveProperty('message', expect.not.stringContaining('\n'));
});

test('a list of directories fails if one of them is not a directory', async () => {
  const SSL_CERT_DIR = `${join(await put('one/a', 0), '..')}:${await put('file', 1)}`;
  await expect(load({ SSL_CERT_DIR }, nowhere)).rejects.toThrow(/SSL_CERT_DIR.*file.*ENOTDIR/);
});

test('anything but certificates is left out, and does not affect the certificates around it', async () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const block = (type: string, body: string) => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`;
  const body = certificates[3]?.replace(/-----.*-----\n/g, '').trim() ?? '';
  const content = [
    '# Comments, and text as openssl prints it\r\nIssuer: CN=ü\0\xff',
    block('CERTIFICATE', base64('no certificate')),
    block('CERTIFICATE', '!!!!'),
    block('CERTIFICATE', ''),
    block('CERTIFICATE', `Proc-Type: 4,ENCRYPTED\n\n${body}`),
    block('TRUSTED CERTIFICATE', body),
    block('PRIVATE KEY', base64('no key')),
    `-----BEGIN CERTIFICATE-----\n${body.slice(0, 100)}\n`,
    certificates[0],
    certificates[1]?.replaceAll('\n', '\r\n'),
    certificates[2]?.replaceAll(/(?<!-)\n(?!-)/g, ''),
    `-----BEGIN CERTIFICATE-----\n${body}`,
  ];
  const SSL_CERT_FILE = join(directory, 'bundle');
  await writeFile(SSL_CERT_FILE, content.join('\n'), 'latin1');
  expect(known(await load({ SSL_CERT_FILE }, nowhere))).toEqual([0, 1, 2]);
});

test('no certificate is listed twice, whatever links lead to it', async () => {
  const bundle = await put('certs/bundle.crt', 0, 1, 0);
  await writeFile(join(directory, 'certs/roots.pem'), rootCertificates.slice(0, 5).join('\n'));
  await put('elsewhere/two.pem', 2, 1);
  await symlink('../elsewhere/two.pem', join(directory, 'certs/two.pem'));
  await symlink(bundle, join(directory, 'certs/again.pem'));
  await symlink('gone.pem', join(directory, 'certs/gone.0'));
  await symlink('/nonexistent/gone.pem', join(directory, 'certs/gone.pem'));
  await symlink('.', join(directory, 'certs/loop'));
  await symlink('../certs', join(directory, 'certs/here'));
  await mkdir(join(directory, 'certs/java'));
  for (let n = 0; n < 200; n++) await symlink('bundle.crt', join(directory, `certs/${n}.0`));
  const places = { files: [bundle], directories: [join(directory, 'certs')] };
  expect(known(await load({}, places))).toEqual([0, 1, 2]);
});

test('a FIFO among the certificates does not block', async () => {
  await put('certs/a.pem', 0);
  await promisify(execFile)('mkfifo', [join(directory, 'certs/fifo')]);
  expect(known(await load({ SSL_CERT_DIR: join(directory, 'certs') }, nowhere))).toEqual([0]);
});

test('a device as SSL_CERT_FILE never blocks: an empty one has no certificates, an endless one fails', async () => {
  expect(known(await load({ SSL_CERT_FILE: '/dev/null' }, nowhere))).toEqual([]);
  await expect(load({ SSL_CERT_FILE: '/dev/zero' }, nowhere)).rejects.toThrow(/dev\/zero.*more than/);
});
