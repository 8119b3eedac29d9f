import { parseArgs } from 'node:util';
import { parseTarget } from './architecture.ts';
import { buildProgram } from './build-program.ts';
import { loadProgram } from './program.ts';

/* node internal/packer/build.ts --program cmd/NAME/program.ts --target amd64|arm64|windows --out FILE, and the stamp */
const { values } = parseArgs({
  options: {
    program: { type: 'string' },
    target: { type: 'string' },
    out: { type: 'string' },
    version: { type: 'string', default: 'dev' },
    commit: { type: 'string', default: 'none' },
    date: { type: 'string', default: 'unknown' },
  },
});
const { program, target, out, ...stamp } = values;
if (!program || !target || !out)
  throw new Error(
    'usage: build.ts --program cmd/NAME/program.ts --target amd64|arm64|windows --out FILE [--version V] [--commit C] [--date D]',
  );
await buildProgram(await loadProgram(program), parseTarget(target), stamp, out);
