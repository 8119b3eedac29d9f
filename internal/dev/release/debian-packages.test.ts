import { expect, test } from 'vitest';
import { hostArchitecture } from '../../packer/architecture.ts';
import { packedLibraries, parsePackage } from './debian-packages.ts';

test('finds the Debian package of every library that is packed', async () => {
  const libraries = await packedLibraries(hostArchitecture());
  const owners = Object.fromEntries(libraries.map((library) => [library.name, library.package]));
  expect(owners['libc.so.6']).toMatchObject({
    name: expect.stringMatching(/^libc6/),
    version: expect.stringMatching(/^\d/),
  });
  expect(owners['libstdc++.so.6']).toMatchObject({ name: expect.stringMatching(/^libstdc\+\+6/) });
  expect(libraries.every((library) => library.package.sources.length > 0)).toBe(true);
});

test.each([
  ['a package of this machine', 'libc6\n2.36-9+deb12u14\nglibc=2.36-9+deb12u14\n', ['glibc=2.36-9+deb12u14']],
  [
    'one for cross-compiling',
    'libc6-arm64-cross\n2.36-8cross1\ncross-toolchain-base=66\nlinux (= 6.1.4-1), gcc-12 (= 12.2.0-14), glibc (= 2.36-8)',
    ['glibc=2.36-8'],
  ],
  [
    'one of GCC for cross-compiling',
    'libgcc-s1-arm64-cross\n12.2.0-14cross1\ngcc-12-cross=15\ngcc-12 (= 12.2.0-14), glibc (= 2.36-8)',
    ['gcc-12=12.2.0-14'],
  ],
])('names the source of %s', (_, fields, sources) => {
  expect(parsePackage(fields).sources).toEqual(sources);
});
