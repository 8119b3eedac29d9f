import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Architecture, machines } from './architecture.ts';
import { compilerFor } from './compile.ts';
import { hideFolder, hidePath } from './hidden-path.ts';
import type { Library } from './library.ts';
import { avoidClone3 } from './without-clone3.ts';

const run = promisify(execFile);

const loaders = { amd64: 'ld-linux-x86-64.so.2', arm64: 'ld-linux-aarch64.so.1' } as const;

/** The libraries that Node, and these libraries themselves, need by name (`readelf -d`). */
const libraryNames = [
  'libc.so.6',
  'libm.so.6',
  'libgcc_s.so.1',
  'libstdc++.so.6',
  'libatomic.so.1',
  'libdl.so.2',
  'libpthread.so.0',
] as const;

/**
 * The dynamic loader of an architecture's compiler. It is changed so it neither preloads nor finds anything
 * in the image. ld.so(8) lists the files and folders.
 *
 * @throws Error if the compiler has no loader, or an unexpected one
 */
export async function readLoader(architecture: Architecture): Promise<Library> {
  const library = await readLibrary(architecture, loaders[architecture]);
  for (const path of ['/etc/ld.so.preload', '/etc/ld.so.cache', '/etc/suid-debug', '/usr/lib/']) {
    hidePath(library, path);
  }
  hidePath(library, `/lib/${machines[architecture]}-linux-gnu/`);
  hideFolder(library, '/lib/');
  return library;
}

const foreignFiles = ['/etc/nsswitch.conf', '/etc/host.conf', '/var/run/nscd/', '/usr/lib/'];

/**
 * The libraries that Node needs, in the order of preloading. The C library is changed: it does not load the
 * image's plug-ins for names (nsswitch.conf(5)) and character sets, and it ignores the image's nscd(8) and
 * host.conf(5), and it does without clone3(2).
 *
 * @throws Error if the compiler lacks a library, or one is not as expected
 */
export async function readLibraries(architecture: Architecture): Promise<Library[]> {
  const libraries = await Promise.all(libraryNames.map((name) => readLibrary(architecture, name)));
  const [libc] = libraries;
  if (libc) {
    for (const path of foreignFiles) hidePath(libc, path);
    avoidClone3(libc, architecture);
  }
  return libraries;
}

async function readLibrary(architecture: Architecture, name: string): Promise<Library> {
  const compiler = compilerFor(architecture);
  const { stdout } = await run(compiler, [`-print-file-name=${name}`]);
  if (stdout.trim() === name) throw new Error(`${compiler} has no ${name}: look at the installed packages`);
  return { name, bytes: await readFile(stdout.trim()) };
}
