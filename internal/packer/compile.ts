import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Architecture, hostArchitecture, machines } from './architecture.ts';
import { repository } from './repository.ts';

const run = promisify(execFile);
const sourceFolder = join(repository, 'internal', 'launcher');
const outputFolder = join(repository, 'target', 'launcher');

const warnings = ['-Wall', '-Wextra', '-Werror', '-Wconversion', '-Wshadow', '-Wstrict-prototypes'];

/** No libc, no start files, and no code that would need one: see gcc(1) and ld(1) for each. */
const freestanding = [
  '-std=c17',
  '-O2',
  '-ffreestanding',
  '-nostdlib',
  '-fvisibility=hidden',
  '-fno-stack-protector',
  '-fno-asynchronous-unwind-tables',
  '-fno-tree-loop-distribute-patterns',
  '-Wl,--build-id=none',
  '-Wl,-z,noexecstack',
  '-Wl,-z,noseparate-code',
  '-s',
];

/** Tables of pointers would have to be relocated, and there is nobody to do it before the launcher runs. */
const selfContained = [
  '-static-pie',
  '-fPIE',
  '-fno-jump-tables',
  '-fno-tree-switch-conversion',
  '-Wl,-z,norelro',
];

const sharedLibrary = ['-shared', '-fPIC', '-Wl,-soname,guard.so', '-Wl,-z,now'];

/** Where the launcher without payload is when it has been compiled. */
export function launcherPath(architecture: Architecture): string {
  return join(outputFolder, architecture, 'orchestrator-launcher');
}

/**
 * Compiles the launcher without payload to target/launcher/<architecture>/orchestrator-launcher, unless it is
 * newer than all its sources.
 *
 * @returns the path of the executable
 * @throws Error with the compiler's own messages
 */
export async function compileLauncher(architecture: Architecture): Promise<string> {
  const sources = (await readdir(sourceFolder)).filter((file) => isFor(architecture, file)).sort();
  return compile(architecture, launcherPath(architecture), selfContained, sources);
}

/**
 * Compiles the library that is preloaded into Node.
 *
 * @returns the path of the shared object
 * @throws Error with the compiler's own messages
 */
export async function compileGuard(architecture: Architecture): Promise<string> {
  const own = (await readdir(join(sourceFolder, 'guard'))).map((file) => join('guard', file)).sort();
  const headers = ['signals.h', 'syscalls.h', 'text.h', 'trailer.h', `syscall-${machines[architecture]}.h`];
  const sources = [...own, 'text.c', ...headers];
  return compile(
    architecture,
    join(outputFolder, architecture, 'guard.so'),
    sharedLibrary,
    sources,
  );
}

/** The C compiler for an architecture, as Debian names it. */
export function compilerFor(architecture: Architecture): string {
  return `${toolPrefix(architecture)}gcc`;
}

/** The program that removes symbols, likewise. */
export function stripProgramFor(architecture: Architecture): string {
  return `${toolPrefix(architecture)}strip`;
}

function toolPrefix(architecture: Architecture): string {
  return architecture === hostArchitecture() ? '' : `${machines[architecture]}-linux-gnu-`;
}

async function compile(
  architecture: Architecture,
  output: string,
  options: string[],
  sources: string[],
): Promise<string> {
  if (await isNewer(output, sources)) return output;
  const translated = sources.filter((file) => !file.endsWith('.h'));
  const unfinished = `${output}.${process.pid}`;
  await mkdir(dirname(output), { recursive: true });
  // Relative names and this folder as the working one: no path of the build machine gets into the result.
  const parameters = [...warnings, ...freestanding, ...options, ...translated, '-o', unfinished];
  await run(compilerFor(architecture), parameters, { cwd: sourceFolder });
  await rename(unfinished, output);
  return output;
}

function isFor(architecture: Architecture, file: string): boolean {
  const others = Object.values(machines).filter((machine) => machine !== machines[architecture]);
  return /\.(c|h|S|ld)$/.test(file) && !others.some((machine) => file.includes(`-${machine}.`));
}

async function isNewer(output: string, sources: string[]): Promise<boolean> {
  const built = await stat(output).catch(() => undefined);
  if (!built) return false;
  const inputs = [...sources.map((file) => join(sourceFolder, file)), import.meta.filename];
  const changed = await Promise.all(inputs.map((file) => stat(file)));
  return changed.every(({ mtimeMs }) => mtimeMs <= built.mtimeMs);
}
