import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';
import pinoAliases from '../internal/log/pino-aliases.json' with { type: 'json' };

/*
 * Makes the one JavaScript file of the single executable:
 * node cmd/bundle.ts --out FILE --platform linux|windows --version V --commit C --date D
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    platform: { type: 'string', default: 'linux' },
    version: { type: 'string', default: 'dev' },
    commit: { type: 'string', default: 'none' },
    date: { type: 'string', default: 'unknown' },
  },
});
if (values.out === undefined || !['linux', 'windows'].includes(values.platform)) {
  throw new Error(
    'usage: bundle.ts --out FILE [--platform linux|windows] [--version V] [--commit C] [--date D]',
  );
}

/** The sources name Linux's module; everything that only one platform has hangs on it. */
const platformModule: Plugin = {
  name: 'platform-module',
  setup({ onResolve }) {
    const chosen = new URL(`platform.${values.platform}.ts`, import.meta.url).pathname;
    onResolve({ filter: /\/platform\.linux\.ts$/ }, () => ({ path: chosen }));
  },
};

await build({
  entryPoints: [new URL('main.ts', import.meta.url).pathname],
  outfile: values.out,
  absWorkingDir: new URL('..', import.meta.url).pathname,
  bundle: true,
  // What pino has for transports and files of its own, which this program does without.
  alias: pinoAliases,
  plugins: [platformModule],
  platform: 'node',
  target: 'node26',
  format: 'cjs',
  // Node's own modules are required, too: import() does not work in the script that start.cjs runs.
  supported: { 'dynamic-import': false },
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: 'none',
  define: {
    BUILD_VERSION: JSON.stringify(values.version),
    BUILD_COMMIT: JSON.stringify(values.commit),
    BUILD_DATE: JSON.stringify(values.date),
  },
  logLevel: 'warning',
});
