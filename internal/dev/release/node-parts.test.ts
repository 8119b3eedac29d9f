import { expect, test } from 'vitest';
import { describeParts, nodeParts } from './node-parts.ts';

test('knows every library in the pinned Node, with its licence', async () => {
  const parts = await nodeParts(process.execPath);
  expect(parts.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['openssl', 'v8', 'uv', 'zlib', 'libffi', 'sqlite']),
  );
  expect(parts.every(({ version, license }) => version !== '' && license !== '')).toBe(true);
});

test('leaves out Node itself, the numbers of its interfaces, and missing libraries', () => {
  const parts = describeParts({ node: '26.0.0', modules: '147', napi: '10', ngtcp2: '', uv: '1.52.1' });
  expect(parts).toEqual([
    { name: 'uv', version: '1.52.1', license: 'MIT', purl: 'pkg:generic/uv@1.52.1', cpe: 'libuv:libuv' },
  ]);
});

test('fails for an unknown library', () => {
  expect(() => describeParts({ novelty: '1.0' })).toThrow(/Node bundles novelty 1\.0: look up its licence/);
});
