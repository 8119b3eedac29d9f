import { parseArgs } from 'node:util';
import { parseArchitecture } from './architecture.ts';
import { buildExecutable } from './pack.ts';
import { buildForWindows } from './pack-windows.ts';

const { values } = parseArgs({
  options: { arch: { type: 'string' }, program: { type: 'string' }, out: { type: 'string' } },
});
const { arch, program, out } = values;
if (!arch || !program || !out)
  throw new Error('usage: build.ts --arch amd64|arm64|windows --program FOLDER --out FILE');
if (arch === 'windows') await buildForWindows(program, out);
else await buildExecutable(parseArchitecture(arch), program, out);
