import { mkdtempDisposable, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { bundle, type Stamp } from '../../packer/bundle.ts';
import { loadPrograms, type Platform, type Program } from '../../packer/program.ts';
import { repository } from '../../packer/repository.ts';

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** The SPDX licence expression from its package.json. */
  readonly license: string;
  readonly folder: string;
}

/**
 * The npm packages with code in any program, on any platform. These are the packages in esbuild's bundles,
 * and package.json has more.
 *
 * @returns them sorted by name
 * @throws Error if the sources cannot be bundled, or a package does not name a licence
 */
export async function bundledPackages(): Promise<NpmPackage[]> {
  const stamp = { version: 'dev', commit: 'none', date: 'unknown' };
  const programs = await loadPrograms();
  const bundles = await Promise.all(
    programs.flatMap((program) => program.platforms.map((platform) => bundleOnce(program, platform, stamp))),
  );
  const folders = new Set(bundles.flatMap(({ packages }) => packages));
  return Promise.all([...folders].sort().map(readPackage));
}

/**
 * Bundles a program as for a build, and keeps nothing of it.
 *
 * @returns the program's files, and the folders of the packages, sorted
 * @throws Error with esbuild's messages
 */
export async function bundleOnce(
  program: Program,
  platform: Platform,
  stamp: Stamp,
): Promise<{ texts: string[]; packages: string[] }> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'bundle-'));
  const { folder, metafile } = await bundle(program, platform, stamp, join(scratch.path, 'program'));
  const files = (await readdir(folder)).sort();
  return {
    texts: await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8'))),
    packages: packagesIn(metafile),
  };
}

function packagesIn({ outputs }: Metafile): string[] {
  const used = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? packageOf(path) : [])),
  );
  return [...new Set(used)].sort();
}

/** The folder of the innermost package of a file. Our own files have none. */
function packageOf(path: string): string[] {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
  return match?.[1] ? [match[1]] : [];
}

/** @param path the package's folder, relative to the repository */
export async function readPackage(path: string): Promise<NpmPackage> {
  const folder = join(repository, path);
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Partial<NpmPackage>;
  const { name, version, license } = manifest;
  if (!name || !version || !license) throw new Error(`${path}/package.json lacks name, version or license`);
  return { name, version, license, folder };
}
