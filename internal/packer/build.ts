import { join } from 'node:path';
import { Command, Option } from 'commander';
import { platformOf, type Target, targets } from './architecture.ts';
import { buildProgram } from './build-program.ts';
import type { Stamp } from './bundle.ts';
import { loadProgram, loadPrograms } from './program.ts';

/* Builds the programs, or those that are named, and prints the paths of the results. */
const command = new Command('build.ts')
  .addOption(new Option('--target <TARGET>').choices(targets).makeOptionMandatory())
  .requiredOption('--out <FOLDER>', 'where the results go')
  .option('--program <FILE...>', 'cmd/NAME/program.ts; without it, every program for this target')
  .option('--version <V>', 'of the stamp', 'dev')
  .option('--commit <C>', 'of the stamp', 'none')
  .option('--date <D>', 'of the stamp', 'unknown')
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
