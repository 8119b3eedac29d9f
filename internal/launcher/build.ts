import { parseArgs } from 'node:util';
import { parseArchitecture } from './architecture.ts';
import { buildExecutable } from './pack.ts';
import { buildForWindows } from './pack-windows.ts';

const { values } = parseArgs({
  options: { arch: { type: 'string' }, bundle: { type: 'string' }, out: { type: 'string' } },
});
const { arch, bundle, out } = values;
if (!arch || !bundle || !out)
  throw new Error('usage: build.ts --arch amd64|arm64|windows --bundle FILE --out FILE');
if (arch === 'windows') await buildForWindows(bundle, out);
else await buildExecutable(parseArchitecture(arch), bundle, out);
