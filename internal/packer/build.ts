import { join } from 'node:path';
import { Option } from 'commander';
import { platformOf, type Target, targets } from './architecture.ts';
import { buildProgram } from './build-program.ts';
import type { Stamp } from './bundle.ts';
import { loadProgram, loadPrograms } from './program.ts';
import { commandWithStamp } from './stamp-options.ts';

/* Builds the programs, or those that are named, and prints the paths of the results. */
const command = commandWithStamp('build.ts')
  .addOption(new Option('--target <TARGET>').choices(targets).makeOptionMandatory())
  .requiredOption('--out <FOLDER>', 'where the results go')
  .option('--program <FILE...>', 'cmd/NAME/program.ts; without it, every program for this target')
  .parse();
interface Options extends Stamp {
  readonly target: Target;
  readonly out: string;
  readonly program?: readonly string[];
}
const { out, program: paths, target, ...stamp } = command.opts<Options>();
const programs = paths
  ? await Promise.all(paths.map(loadProgram))
  : (await loadPrograms()).filter(({ platforms }) => platforms.includes(platformOf(target)));
for (const program of programs) {
  const path = join(out, target === 'windows' ? `${program.name}.exe` : program.name);
  await buildProgram(program, target, stamp, path);
  console.log(path);
}
