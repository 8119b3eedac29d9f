import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hostArchitecture, machines } from '../../../packer/architecture.ts';
import { downloadFolder, unpackPackage } from './packages.ts';

const run = promisify(execFile);
const fixtures = join(import.meta.dirname, 'fixtures');

/** Files of a musl userland, by their paths in an image. */
export type MuslFiles = Readonly<Record<string, string>>;

/** The path of the loader in a musl image. The loader is also the C library. */
function muslLoader(): string {
  return `lib/ld-musl-${machines[hostArchitecture()]}.so.1`;
}

/**
 * Gets musl, and compiles a program and a library against it.
 *
 * @returns the current path of each file, by its path in the image
 */
export async function buildMuslFiles(): Promise<MuslFiles> {
  const machine = machines[hostArchitecture()];
  const libraries = join(await unpackPackage('musl'), 'lib', `${machine}-linux-musl`);
  const folder = join(downloadFolder, 'musl');
  await mkdir(folder, { recursive: true });
  const compile = async (source: string, output: string, options: readonly string[]) => {
    const path = join(folder, output);
    const parameters = [
      '-O1',
      '-nostdlib',
      ...options,
      join(fixtures, source),
      `-L${libraries}`,
      '-l:libc.so',
    ];
    await run('gcc', [...parameters, '-o', path]);
    return path;
  };
  const loader = muslLoader();
  return {
    [loader]: join(libraries, 'libc.so'),
    'lib/libc.so': join(libraries, 'libc.so'),
    'usr/lib/preload.so': await compile('musl-preload.c', 'preload.so', ['-shared', '-fPIC']),
    'bin/musl-program': await compile('musl-program.c', 'program', [`-Wl,--dynamic-linker=/${loader}`]),
  };
}
