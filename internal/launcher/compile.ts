import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Architecture, hostArchitecture } from './architecture.ts';

const run = promisify(execFile);
const sourceFolder = import.meta.dirname;

/** gcc's names for the machines. */
const machines = { amd64: 'x86_64', arm64: 'aarch64' } as const;

const warnings = ['-Wall', '-Wextra', '-Werror', '-Wconversion', '-Wshadow', '-Wstrict-prototypes'];

/** No libc, no start files, and no code that would need one: see gcc(1) and ld(1) for each. */
const freestanding = [
  '-std=c17',
  '-Os',
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

/**
 * Compiles the launcher without payload to target/launcher/<architecture>/orchestrator-launcher, unless it is
 * newer than all its sources.
 *
 * @returns the path of the executable
 * @throws Error with the compiler's own messages
 */
export async function compileLauncher(architecture: Architecture): Promise<string> {
  const output = join(launcherFolder(architecture), 'orchestrator-launcher');
  const sources = await sourcesFor(architecture);
  if (await isNewer(output, sources)) return output;
  const translated = sources.filter((file) => /\.(c|S|ld)$/.test(file));
  await compile(architecture, output, [...selfContained, ...translated]);
  return output;
}

/** Where the compiled parts for an architecture are. */
export function launcherFolder(architecture: Architecture): string {
  return join(sourceFolder, '..', '..', 'target', 'launcher', architecture);
}

async function compile(architecture: Architecture, output: string, options: string[]): Promise<void> {
  const machine = machines[architecture];
  const compiler = architecture === hostArchitecture() ? 'gcc' : `${machine}-linux-gnu-gcc`;
  const unfinished = `${output}.${process.pid}`;
  await mkdir(dirname(output), { recursive: true });
  // Relative names and this folder as the working one: no path of the build machine gets into the result.
  await run(compiler, [...warnings, ...freestanding, ...options, '-o', unfinished], { cwd: sourceFolder });
  await rename(unfinished, output);
}

async function sourcesFor(architecture: Architecture): Promise<string[]> {
  const foreign = Object.values(machines).filter((machine) => machine !== machines[architecture]);
  const files = (await readdir(sourceFolder)).filter((file) => /\.(c|h|S|ld)$/.test(file)).sort();
  return files.filter((file) => !foreign.some((machine) => file.includes(`-${machine}.`)));
}

async function isNewer(output: string, sources: string[]): Promise<boolean> {
  const built = await stat(output).catch(() => undefined);
  if (!built) return false;
  const inputs = await Promise.all([...sources, 'compile.ts'].map((file) => stat(join(sourceFolder, file))));
  return inputs.every((input) => input.mtimeMs <= built.mtimeMs);
}
