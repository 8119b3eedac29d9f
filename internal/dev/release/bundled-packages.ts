import { execFile } from 'node:child_process';
import { mkdtempDisposable, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { repository } from '../../packer/repository.ts';

const run = promisify(execFile);

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX licence expression, as its package.json has it. */
  readonly license: string;
  readonly folder: string;
}

/** The platforms that have modules of their own, as the map of imports in package.json knows them. */
export type System = 'linux' | 'windows';

export interface Stamp {
  readonly version: string;
  readonly commit: string;
  readonly date: string;
}

/**
 * The npm packages of which code is in the product on any platform: what esbuild put into the bundles, which is less
 * than package.json asks for.
 *
 * @returns them sorted by name
 * @throws Error when the sources cannot be bundled, or a package names no licence
 */
export async function bundledPackages(): Promise<NpmPackage[]> {
  const stamp = { version: 'dev', commit: 'none', date: 'unknown' };
  const bundles = await Promise.all([bundle('linux', stamp), bundle('windows', stamp)]);
  const folders = new Set(bundles.flatMap(({ packages }) => packages));
  return Promise.all([...folders].sort().map(readPackage));
}

/**
 * Bundles by internal/packer/bundle.ts.
 *
 * @returns the program's files, and the folders of the packages, sorted
 * @throws Error with esbuild's messages
 */
export async function bundle(system: System, stamp: Stamp): Promise<{ texts: string[]; packages: string[] }> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bundle-'));
  const [out, metafile] = [join(folder.path, 'program'), join(folder.path, 'metafile.json')];
  const options = Object.entries({ out, platform: system, metafile, ...stamp }).map(
    ([name, value]) => `--${name}=${value}`,
  );
  await run(process.execPath, ['internal/packer/bundle.ts', ...options], { cwd: repository });
  const files = (await readdir(out)).sort();
  return {
    texts: await Promise.all(files.map((file) => readFile(join(out, file), 'utf8'))),
    packages: packagesIn(JSON.parse(await readFile(metafile, 'utf8')) as Metafile),
  };
}

function packagesIn({ outputs }: Metafile): string[] {
  const used = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? packageOf(path) : [])),
  );
  return [...new Set(used)].sort();
}

/** The folder of the innermost package that a file belongs to; none for a file of ours. */
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
