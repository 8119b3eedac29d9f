import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import pinoAliases from '../internal/log/pino-aliases.json' with { type: 'json' };

/*
 * Makes the one JavaScript file of the single executable:
 * node cmd/bundle.ts --out FILE --version V --commit C --date D
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    version: { type: 'string', default: 'dev' },
    commit: { type: 'string', default: 'none' },
    date: { type: 'string', default: 'unknown' },
  },
});
if (values.out === undefined) {
  throw new Error('usage: bundle.ts --out FILE [--version V] [--commit C] [--date D]');
}

await build({
  entryPoints: [new URL('main.ts', import.meta.url).pathname],
  outfile: values.out,
  absWorkingDir: new URL('..', import.meta.url).pathname,
  bundle: true,
  // What pino has for transports and files of its own, which this program does without.
  alias: pinoAliases,
  platform: 'node',
  target: 'node26',
  format: 'cjs',
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
