import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadProgram } from '../../packer/program.ts';
import { repository } from '../../packer/repository.ts';
import { composeSbom, parsePlatform } from './sbom.ts';

/* node internal/dev/release/write-sbom.ts --executable target/bin/OS/ARCH/NAME --out FILE, and the stamp */
const { values } = parseArgs({
  options: {
    executable: { type: 'string' },
    out: { type: 'string' },
    version: { type: 'string', default: 'dev' },
    commit: { type: 'string', default: 'none' },
    date: { type: 'string', default: 'unknown' },
  },
});
const { executable, out, ...stamp } = values;
if (!executable || !out)
  throw new Error(
    'usage: write-sbom.ts --executable target/bin/OS/ARCH/NAME --out FILE [--version V] [--commit C] [--date D]',
  );
const [os, architecture] = resolve(executable).split('/').slice(-3);
const program = await loadProgram(join(repository, 'cmd', basename(executable, '.exe'), 'program.ts'));
const platform = parsePlatform(`${os}/${architecture}`);
await mkdir(dirname(out), { recursive: true });
await writeFile(out, await composeSbom(program, platform, executable, stamp));
