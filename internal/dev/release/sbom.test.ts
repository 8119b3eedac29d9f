import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { program } from '../../../cmd/orchestrator/program.ts';
import { hostArchitecture } from '../../packer/architecture.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { bundleOnce } from './bundled-packages.ts';
import { packedLibraries } from './debian-packages.ts';
import { composeSbom, parsePlatform } from './sbom.ts';

const stamp = { version: '1.2.3', commit: 'abc', date: '2026-01-02T03:04:05Z' };
const platform = parsePlatform(`linux/${hostArchitecture()}`);

/** A file with the parts of an executable, which is not one. */
async function executableOf(...contents: readonly (Buffer | string)[]): Promise<string> {
  const path = join(scratchFolder(), 'orchestrator');
  await writeFile(path, Buffer.concat(contents.map((content) => Buffer.from(content))));
  return path;
}

async function parts(): Promise<{ texts: string[]; libraries: Buffer[] }> {
  const libraries = await packedLibraries(hostArchitecture());
  return {
    texts: (await bundleOnce(program, 'linux', stamp)).texts,
    libraries: libraries.map(({ bytes }) => bytes),
  };
}

test('lists Node, its libraries, the C libraries with their packages, and the npm packages', async () => {
  const { texts, libraries } = await parts();
  const sbom = JSON.parse(
    await composeSbom(program, platform, await executableOf(...texts, ...libraries), stamp),
  ) as {
    components: { name: string; version: string; purl?: string }[];
  };
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const versionOf = (name: string) => sbom.components.find((component) => component.name === name)?.version;
  expect(versionOf('node')).toBe(process.versions.node);
  expect(versionOf('openssl')).toBe(process.versions.openssl);
  expect(versionOf('commander')).toBe(packages['node_modules/commander']?.version);
  expect(sbom.components.find(({ name }) => name === 'libc.so.6')?.purl).toMatch(/^pkg:deb\/debian\/libc6/);
});

test('refuses an executable from other sources', async () => {
  const { libraries } = await parts();
  const path = await executableOf('something else', ...libraries);
  await expect(composeSbom(program, platform, path, stamp)).rejects.toThrow(
    /was built of other sources, or as another version/,
  );
});

test('refuses an executable with the libraries of another machine', async () => {
  const { texts, libraries } = await parts();
  const path = await executableOf(...texts, ...libraries.slice(1));
  await expect(composeSbom(program, platform, path, stamp)).rejects.toThrow(
    /has not the ld-linux.* of this machine/,
  );
});

test('fails for a platform without an executable', () => {
  expect(() => parsePlatform('linux/riscv64')).toThrow(/unknown platform linux\/riscv64/);
});
