import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type BuildOptions, build, transform } from 'esbuild';
import { repository } from './repository.ts';

/*
 * Makes the JavaScript of the single executable, main.cjs and what that requires, in a folder of its own:
 * node internal/packer/bundle.ts --out FOLDER --platform linux|windows --version V --commit C --date D
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    platform: { type: 'string', default: 'linux' },
    version: { type: 'string', default: 'dev' },
    commit: { type: 'string', default: 'none' },
    date: { type: 'string', default: 'unknown' },
    // Where esbuild's list of what went in is written to, if anybody wants it.
    metafile: { type: 'string' },
  },
});
if (values.out === undefined || !['linux', 'windows'].includes(values.platform)) {
  throw new Error(
    'usage: bundle.ts --out FOLDER [--platform linux|windows] [--version V] [--commit C] [--date D] [--metafile FILE]',
  );
}

const syntax = {
  platform: 'node',
  target: 'node26',
  // All is required, Node's own modules, too: import() does not work in the scripts that start.cjs runs.
  supported: { 'dynamic-import': false },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
} as const satisfies BuildOptions;

/**
 * What is imported only when it is needed becomes a script of its own, so that V8 need not take in its code before the
 * task starts (docs/decisions/start-up-time.md); esbuild does that for ES modules only. On Windows one file will do.
 */
const format = values.platform === 'linux' ? 'esm' : 'cjs';

const { metafile, outputFiles } = await build({
  ...syntax,
  entryPoints: [path.join(repository, 'cmd', 'orchestrator', 'main.ts')],
  outdir: values.out,
  outExtension: { '.js': '.cjs' },
  write: false,
  metafile: true,
  absWorkingDir: repository,
  bundle: true,
  format,
  splitting: format === 'esm',
  // Which of the platform's modules `#platform/…` is: package.json has the map.
  conditions: [values.platform],
  define: {
    BUILD_VERSION: JSON.stringify(values.version),
    BUILD_COMMIT: JSON.stringify(values.commit),
    BUILD_DATE: JSON.stringify(values.date),
  },
  logLevel: 'warning',
});

await rm(values.out, { recursive: true, force: true });
await mkdir(values.out, { recursive: true });
for (const { path: file, text } of outputFiles) {
  const { code } = await transform(text, { ...syntax, format: 'cjs', logLevel: 'warning' });
  await writeFile(path.join(values.out, path.basename(file)), code);
}
if (values.metafile !== undefined) {
  await writeFile(values.metafile, JSON.stringify(metafile));
}
