import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { BareImage, type BareSurroundings, mountProc } from '../dev/testing/bare-image.ts';
import { buildIntruder } from '../dev/testing/build-intruder.ts';
import { isRoot } from '../dev/testing/is-root.ts';
import type { EndedProgram } from '../dev/testing/running-program.ts';

const users = isRoot ? [0, 1000] : [undefined];

/** Variables with which a job's image could control the C library, Node or OpenSSL. */
const hostileEnvironment = {
  LD_PRELOAD: '/intruder.so',
  LD_LIBRARY_PATH: '/libraries',
  LD_AUDIT: '/intruder.so',
  LD_DEBUG: 'all',
  LD_TRACE_LOADED_OBJECTS: '1',
  GLIBC_TUNABLES: 'glibc.malloc.check=3',
  GCONV_PATH: '/libraries',
  LOCPATH: '/libraries',
  MALLOC_PERTURB_: '1',
  NODE_OPTIONS: '--no-such-option',
  NODE_REPL_EXTERNAL_MODULE: '/intruder.cjs',
  NODE_PATH: '/libraries',
  NODE_EXTRA_CA_CERTS: '/intruder.pem',
  NODE_V8_COVERAGE: '/coverage',
  NODE_DEBUG: 'http,net',
  OPENSSL_CONF: '/openssl.cnf',
  UV_THREADPOOL_SIZE: '1000',
  UV_USE_IO_URING: '1',
};

let intruder: Buffer;

beforeAll(async () => {
  intruder = await buildIntruder();
});

const parameters = ['a', '--config=secret', '', '--config', 'ä'];

async function report(
  image: BareImage,
  surroundings: BareSurroundings = {},
): Promise<Record<string, unknown>> {
  return parse(await image.run(['report', ...parameters], surroundings)) as Record<string, unknown>;
}

function parse(result: EndedProgram): unknown {
  expect(result).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(result.stdout);
}

test.each(users)('runs in an empty image, as user %s', async (uid) => {
  await using image = await BareImage.create();
  const found = await report(image, { uid });
  expect(found).toMatchObject({ pid: 1, uid: uid ?? 0, program: '/probe' });
  expect(found.argv).toEqual(['report', ...parameters]);
});

test.each(users)('ignores a hostile environment, and keeps it for the children, as user %s', async (uid) => {
  await using image = await BareImage.create();
  await image.addFile('intruder.so', intruder);
  await image.addFile('libraries/libm.so.6', intruder);
  await image.addFile('openssl.cnf', 'openssl_conf = broken');
  const found = await report(image, { environment: hostileEnvironment, uid });
  expect(found.variables).toEqual(['LAUNCHER_HANDOFF', 'LD_PRELOAD', 'OPENSSL_CONF', 'TZ']);
  const strings = Object.entries(hostileEnvironment).map(([name, value]) => `${name}=${value}\0`);
  expect(found.environment).toBe(strings.join(''));
});

test('loads none of the image’s files for the C library', async () => {
  await using image = await BareImage.create();
  await image.addFile('etc/ld.so.preload', '/intruder.so\n');
  await image.addFile('etc/nsswitch.conf', 'hosts: intruder\n');
  await image.addFile('etc/hosts', '192.0.2.7 somewhere.test\n');
  await image.addFile('intruder.so', intruder);
  for (const folder of ['lib', 'usr/lib', 'lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu', 'lib64']) {
    for (const name of ['libnss_intruder.so.2', 'libc.so.6', 'libm.so.6', 'libdl.so.2']) {
      await image.addFile(join(folder, name), intruder);
    }
  }
  expect(parse(await image.run(['lookup', 'somewhere.test']))).toEqual({ address: '192.0.2.7', family: 4 });
  expect(parse(await image.run(['load', 'libnss_intruder.so.2']))).toBe('not found');
  // This proves that the test would notice an intruder.
  expect(await image.run(['load', '/intruder.so'])).toMatchObject({ status: 66 });
});

test('reads no file of the image before its own program runs: a FIFO would stop it', async () => {
  await using image = await BareImage.create();
  const files = [
    'resolv.conf',
    'nsswitch.conf',
    'netsvc.conf',
    'svc.conf',
    'localtime',
    'host.conf',
    'gai.conf',
  ];
  const fifos = files.map((file) => `"$0/etc/${file}"`).join(' ');
  const before = `${mountProc} && mkdir "$0/etc" && mkfifo ${fifos}`;
  expect(parse(await image.run(['noon'], { before }))).toBe('2026-07-01T12:00:00.000Z');
});

test('maps no file of the image except itself', async () => {
  await using image = await BareImage.create();
  await image.addFile('etc/ld.so.cache', intruder);
  const { mapped } = await report(image);
  const files = (mapped as string[]).filter((path) => !path.startsWith('/memfd:'));
  expect(files).toEqual(['/probe']);
});

test('starts with closed descriptors, and uses their numbers for nothing else', async () => {
  await using image = await BareImage.create();
  const before = 'mount -t proc proc "$0/proc" && exec <&- >&-';
  const { status, stderr } = await image.run(['descriptors'], { before });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '["pipe:[N]","pipe:[N]"]\n' });
});
