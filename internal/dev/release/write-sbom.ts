import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Stamp } from '../../packer/bundle.ts';
import { loadProgram } from '../../packer/program.ts';
import { repository } from '../../packer/repository.ts';
import { commandWithStamp } from '../../packer/stamp-options.ts';
import { composeSbom, parsePlatform } from './sbom.ts';

const command = commandWithStamp('write-sbom.ts')
  .requiredOption('--executable <FILE>', 'target/bin/OS/ARCH/NAME')
  .requiredOption('--out <FILE>', 'where the list goes')
  .parse();
const { executable, out, ...stamp } = command.opts<Stamp & { executable: string; out: string }>();
const [os, architecture] = resolve(executable).split('/').slice(-3);
const program = await loadProgram(join(repository, 'cmd', basename(executable, '.exe'), 'program.ts'));
const platform = parsePlatform(`${os}/${architecture}`);
await mkdir(dirname(out), { recursive: true });
await writeFile(out, await composeSbom(program, platform, executable, stamp));
