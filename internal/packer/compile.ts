import { execFile } from 'node:child_process';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Architecture, hostArchitecture, machines } from './architecture.ts';
import type { Program } from './program.ts';
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
  // A launcher only has the code that its program uses. For example, exec-step.c is missing if the program
  // does not start children.
  '-ffunction-sections',
  '-fdata-sections',
  '-Wl,--gc-sections',
  '-s',
];

/** Tables of pointers would have to be relocated, but nothing relocates them before the launcher runs. */
const selfContained = [
  '-static-pie',
  '-fPIE',
  '-fno-jump-tables',
  '-fno-tree-switch-conversion',
  '-Wl,-z,norelro',
];

const sharedLibrary = ['-shared', '-fPIC', '-Wl,-soname,guard.so', '-Wl,-z,now'];

/** The differences between the launchers of two programs. */
export type LauncherTraits = Pick<
  Program,
  'name' | 'startsChildren' | 'secretOption' | 'secondsWithoutJavaScript' | 'nodeOptions'
>;

/** The path of a program's compiled launcher without payload. */
export function launcherPath(name: string, architecture: Architecture): string {
  return join(outputFolder, architecture, `${name}-launcher`);
}

/**
 * Compiles the launcher of a program without payload.
 *
 * @returns the path of the executable
 * @throws Error with the compiler's own messages
 */
export async function compileLauncher(traits: LauncherTraits, architecture: Architecture): Promise<string> {
  const sources = (await readdir(sourceFolder)).filter((file) => isSource(architecture, file)).sort();
  const options = [...selfContained, ...definitions(traits)];
  return compile(architecture, launcherPath(traits.name, architecture), options, sources);
}

function definitions(traits: LauncherTraits): string[] {
  const { name, startsChildren, secretOption, secondsWithoutJavaScript: seconds, nodeOptions } = traits;
  const children = startsChildren ? 1 : 0;
  return [
    `-DPROGRAM_NAME=${JSON.stringify(name)}`,
    `-DSTARTS_CHILDREN=${children}`,
    `-DPROCESSES_NEEDED=${threadsOfNode(nodeOptions) + children}`,
    ...(secretOption === undefined ? [] : [`-DSECRET_OPTION=${JSON.stringify(secretOption)}`]),
    ...(seconds === undefined ? [] : [`-DSECONDS_WITHOUT_JAVASCRIPT=${seconds}`]),
  ];
}

/**
 * V8's workers (node(1), --v8-pool-size), the thread for their delayed tasks, and libuv's pool (UV_THREADPOOL_SIZE).
 */
function threadsOfNode(nodeOptions: readonly string[]): number {
  const poolSize = nodeOptions.findLast((option) => option.startsWith('--v8-pool-size='))?.split('=')[1] ?? 4;
  return Number(poolSize) + 1 + 4;
}

/**
 * Compiles the library that is preloaded into a program's Node.
 *
 * @returns the path of the shared object
 * @throws Error with the compiler's own messages
 */
export async function compileGuard(traits: LauncherTraits, architecture: Architecture): Promise<string> {
  const own = (await readdir(join(sourceFolder, 'guard'))).filter((file) => file.endsWith('.c')).sort();
  const sources = [...own.map((file) => join('guard', file)), 'report.c', 'text.c'];
  const options = [...sharedLibrary, ...definitions(traits)];
  return compile(architecture, join(outputFolder, architecture, `${traits.name}-guard.so`), options, sources);
}

/** The C compiler for an architecture, as Debian names it. */
export function compilerFor(architecture: Architecture): string {
  return `${toolPrefix(architecture)}gcc`;
}

/** The program that removes symbols, as Debian names it. */
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
  const unfinished = `${output}.${process.pid}`;
  await mkdir(dirname(output), { recursive: true });
  // With relative names, and this folder as the working directory, the result has no path of the build
  // machine.
  const parameters = [...warnings, ...freestanding, ...options, ...sources, '-o', unfinished];
  await run(compilerFor(architecture), parameters, { cwd: sourceFolder });
  await rename(unfinished, output);
  return output;
}

/** The sources include the linker's script and files in assembler. */
function isSource(architecture: Architecture, file: string): boolean {
  const others = Object.values(machines).filter((machine) => machine !== machines[architecture]);
  return /\.(c|S|ld)$/.test(file) && !others.some((machine) => file.includes(`-${machine}.`));
}
