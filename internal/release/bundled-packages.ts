import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import pinoAliases from '../log/pino-aliases.json' with { type: 'json' };

const root = join(import.meta.dirname, '..', '..');

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX licence expression, as its package.json has it. */
  readonly license: string;
  readonly folder: string;
}

/** The platforms that have modules of their own: cmd/platform.linux.ts, cmd/platform.windows.ts. */
export type System = 'linux' | 'windows';

export interface Stamp {
  readonly version: string;
  readonly commit: string;
  readonly date: string;
}

/**
 * The npm packages of which code is in the product: what esbuild put into the bundle, which is less than
 * package.json asks for.
 *
 * @returns them sorted by name
 * @throws Error when the sources cannot be bundled, or a package names no licence
 */
export async function bundledPackages(): Promise<NpmPackage[]> {
  const { packages } = await bundle('linux', { version: 'dev', commit: 'none', date: 'unknown' });
  return Promise.all(packages.map(readPackage));
}

/**
 * Bundles as cmd/bundle.ts does, and keeps a list of what went in.
 *
 * @returns the program, and the folders of the packages, sorted
 */
export async function bundle(system: System, stamp: Stamp): Promise<{ text: string; packages: string[] }> {
  const { metafile, outputFiles } = await build({
    entryPoints: ['cmd/main.ts'],
    outfile: 'orchestrator.cjs',
    absWorkingDir: root,
    bundle: true,
    alias: pinoAliases,
    plugins: [platformModule(system)],
    platform: 'node',
    target: 'node26',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: 'none',
    define: {
      BUILD_VERSION: JSON.stringify(stamp.version),
      BUILD_COMMIT: JSON.stringify(stamp.commit),
      BUILD_DATE: JSON.stringify(stamp.date),
    },
    logLevel: 'silent',
    write: false,
    metafile: true,
  });
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? packageOf(path) : [])),
  );
  return { text: outputFiles[0]?.text ?? '', packages: [...new Set(used)].sort() };
}

function platformModule(system: System): Plugin {
  return {
    name: 'platform-module',
    setup({ onResolve }) {
      const path = join(root, 'cmd', `platform.${system}.ts`);
      onResolve({ filter: /\/platform\.linux\.ts$/ }, () => ({ path }));
    },
  };
}

/** The folder of the innermost package that a file belongs to; none for a file of ours. */
function packageOf(path: string): string[] {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
  return match?.[1] ? [match[1]] : [];
}

/** @param path the package's folder, relative to the repository */
export async function readPackage(path: string): Promise<NpmPackage> {
  const folder = join(root, path);
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Partial<NpmPackage>;
  const { name, version, license } = manifest;
  if (!name || !version || !license) throw new Error(`${path}/package.json lacks name, version or license`);
  return { name, version, license, folder };
}
