import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseTarget, platformOf } from './architecture.ts';
import { buildProgram } from './build-program.ts';
import { loadProgram, loadPrograms } from './program.ts';

/*
 * node internal/packer/build.ts --target amd64|arm64|windows --out FOLDER [--program cmd/NAME/program.ts]…, and the
 * stamp. Without --program it builds every program of cmd/ for this target. It prints the paths of the results.
 */
const { values } = parseArgs({
  options: {
    program: { type: 'string', multiple: true },
    target: { type: 'string' },
    out: { type: 'string' },
    version: { type: 'string', default: 'dev' },
    commit: { type: 'string', default: 'none' },
    date: { type: 'string', default: 'unknown' },
  },
});
const { program: paths, target: name, out, ...stamp } = values;
if (!name || !out)
  throw new Error(
    'usage: build.ts --target amd64|arm64|windows --out FOLDER [--program cmd/NAME/program.ts]… [--version V] [--commit C] [--date D]',
  );
const target = parseTarget(name);
const programs = paths
  ? await Promise.all(paths.map(loadProgram))
  : (await loadPrograms()).filter(({ platforms }) => platforms.includes(platformOf(target)));
for (const program of programs) {
  const path = join(out, target === 'windows' ? `${program.name}.exe` : program.name);
  await buildProgram(program, target, stamp, path);
  console.log(path);
}
