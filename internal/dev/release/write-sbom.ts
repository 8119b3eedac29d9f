import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { composeSbom, parsePlatform } from './sbom.ts';

/* node internal/dev/release/write-sbom.ts --platform OS/ARCH --executable FILE --out FILE --version V --commit C --date D */
const { values } = parseArgs({
  options: {
    platform: { type: 'string' },
    executable: { type: 'string' },
    out: { type: 'string' },
    version: { type: 'string', default: 'dev' },
    commit: { type: 'string', default: 'none' },
    date: { type: 'string', default: 'unknown' },
  },
});
const { platform, executable, out, version, commit, date } = values;
if (!platform || !executable || !out)
  throw new Error(
    'usage: write-sbom.ts --platform OS/ARCH --executable FILE --out FILE [--version V] [--commit C] [--date D]',
  );
await mkdir(dirname(out), { recursive: true });
await writeFile(out, await composeSbom(parsePlatform(platform), executable, { version, commit, date }));
