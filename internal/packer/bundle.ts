import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Metafile, transform } from 'esbuild';
import type { Platform, Program } from './program.ts';
import { repository } from './repository.ts';

/** The version data of an executable. internal/version.ts exports it. */
export interface Stamp {
  readonly version: string;
  readonly commit: string;
  readonly date: string;
}

/** The JavaScript of a program. */
export interface Bundle {
  /** The folder with main.cjs and all files that it requires. */
  readonly folder: string;
  /** esbuild's list of the bundled files. */
  readonly metafile: Metafile;
}

const syntax = {
  platform: 'node',
  target: 'node26',
  // All modules are required, also Node's own: import() does not work in the scripts that start.cjs runs.
  supported: { 'dynamic-import': false },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/**
 * Makes the JavaScript of a program.
 *
 * @param folder the result replaces this folder
 * @throws Error with esbuild's messages, or if the program is not for that platform
 */
export async function bundle(
  program: Program,
  platform: Platform,
  stamp: Stamp,
  folder: string,
): Promise<Bundle> {
  if (!program.platforms.includes(platform)) throw new Error(`${program.name} is not for ${platform}`);
  // Code that is imported on demand becomes a script of its own, so V8 need not load it at start
  // (docs/decisions/start-up-time.md). esbuild does that only for ES modules. On Windows one file is enough.
  const splitting = platform === 'linux';
  const { metafile, outputFiles } = await build({
    ...syntax,
    entryPoints: { main: join(repository, program.entry) },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    write: false,
    metafile: true,
    absWorkingDir: repository,
    bundle: true,
    format: splitting ? 'esm' : 'cjs',
    splitting,
    // Selects the module of the platform for `#platform/…`. package.json has the map.
    conditions: [platform],
    define: {
      BUILD_VERSION: JSON.stringify(stamp.version),
      BUILD_COMMIT: JSON.stringify(stamp.commit),
      BUILD_DATE: JSON.stringify(stamp.date),
    },
  });
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { path, text } of outputFiles) {
    const { code } = await transform(text, { ...syntax, format: 'cjs' });
    await writeFile(join(folder, basename(path)), code);
  }
  return { folder, metafile };
}

/**
 * The output file of a module that others import().
 *
 * @param module its path from the repository's root
 * @throws Error if it is not in a file of its own
 */
export function scriptOf({ metafile }: Bundle, module: string): string {
  const script = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === module);
  if (script === undefined) throw new Error(`${module} is not in a script of its own: nobody import()s it`);
  return basename(script[0]);
}
