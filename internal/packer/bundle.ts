import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Metafile, transform } from 'esbuild';
import type { Platform, Program } from './program.ts';
import { repository } from './repository.ts';

/** What an executable says of itself: internal/version.ts has it. */
export interface Stamp {
  readonly version: string;
  readonly commit: string;
  readonly date: string;
}

/** The JavaScript of a program. */
export interface Bundle {
  /** Where main.cjs and all that it requires is. */
  readonly folder: string;
  /** esbuild's list of what went in. */
  readonly metafile: Metafile;
}

const syntax = {
  platform: 'node',
  target: 'node26',
  // All is required, Node's own modules, too: import() does not work in the scripts that start.cjs runs.
  supported: { 'dynamic-import': false },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/**
 * Makes the JavaScript of a program.
 *
 * @param folder where it goes, in place of what is there
 * @throws Error with esbuild's messages, or when the program is not for that platform
 */
export async function bundle(
  program: Program,
  platform: Platform,
  stamp: Stamp,
  folder: string,
): Promise<Bundle> {
  if (!program.platforms.includes(platform)) throw new Error(`${program.name} is not for ${platform}`);
  // What is imported only when it is needed becomes a script of its own, so that V8 need not take in its code at start
  // (docs/decisions/start-up-time.md). esbuild does that for ES modules only. On Windows one file will do.
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
    // Which of the platform's modules `#platform/…` is: package.json has the map.
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
 * The file that a module became, which others import().
 *
 * @param module its path from the repository's root
 * @throws Error if it is not in a file of its own
 */
export function scriptOf({ metafile }: Bundle, module: string): string {
  const script = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === module);
  if (script === undefined) throw new Error(`${module} is not in a script of its own: nobody import()s it`);
  return basename(script[0]);
}
