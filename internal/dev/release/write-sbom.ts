import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { loadProgram } from '../../packer/program.ts';
import { composeSbom, parsePlatform } from './sbom.ts';

/* node internal/dev/release/write-sbom.ts --program cmd/NAME/program.ts --platform OS/ARCH --executable FILE --out FILE, and the stamp */
const { values } = parseArgs({
  options: {
    program: { type: 'string' },
    platform: { type: 'string' },
    executable: { type: 'string' },
    out: { type: 'string' },
    version: { type: 'string', default: 'dev' },
    commit: { type: 'string', default: 'none' },
    date: { type: 'string', default: 'unknown' },
  },
});
const { program, platform, executable, out, ...stamp } = values;
if (!program || !platform || !executable || !out)
  throw new Error(
    'usage: write-sbom.ts --program cmd/NAME/program.ts --platform OS/ARCH --executable FILE --out FILE [--version V] [--commit C] [--date D]',
  );
await mkdir(dirname(out), { recursive: true });
await writeFile(
  out,
  await composeSbom(await loadProgram(program), parsePlatform(platform), executable, stamp),
);
