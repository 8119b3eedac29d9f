import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import type { Stamp } from '../../packer/bundle.ts';
import { loadProgram } from '../../packer/program.ts';
import { repository } from '../../packer/repository.ts';
import { composeSbom, parsePlatform } from './sbom.ts';

const command = new Command('write-sbom.ts')
  .requiredOption('--executable <FILE>', 'target/bin/OS/ARCH/NAME')
  .requiredOption('--out <FILE>', 'where the list goes')
  .option('--version <V>', 'of the stamp', 'dev')
  .option('--commit <C>', 'of the stamp', 'none')
  .option('--date <D>', 'of the stamp', 'unknown')
  .parse();
const { executable, out, ...stamp } = command.opts<Stamp & { executable: string; out: string }>();
const [os, architecture] = resolve(executable).split('/').slice(-3);
const program = await loadProgram(join(repository, 'cmd', basename(executable, '.exe'), 'program.ts'));
const platform = parsePlatform(`${os}/${architecture}`);
await mkdir(dirname(out), { recursive: true });
await writeFile(out, await composeSbom(program, platform, executable, stamp));
