import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from '../../packer/architecture.ts';
import { compilerFor } from '../../packer/compile.ts';
import { repository } from '../../packer/repository.ts';

const run = promisify(execFile);
const builds = new Map<string, Promise<string>>();

/**
 * Compiles the C sources in the folder `name` to target/testing/<architecture>/<name>, a static program, unless it is
 * newer than all its sources. Tests of one process share the compilation. Tests of several processes may compile at the
 * same time.
 *
 * @returns its path
 * @throws Error with the compiler's own messages
 */
export function compileFixture(name: string, architecture: Architecture): Promise<string> {
  const output = join(repository, 'target', 'testing', architecture, name);
  const build = builds.get(output) ?? compile(join(import.meta.dirname, name), architecture, output);
  builds.set(output, build);
  return build;
}

async function compile(folder: string, architecture: Architecture, output: string): Promise<string> {
  const sources = (await readdir(folder)).map((file) => join(folder, file));
  if (await isNewer(output, sources)) return output;
  const unfinished = `${output}.${process.pid}`;
  await mkdir(dirname(output), { recursive: true });
  const options = ['-std=gnu17', '-D_GNU_SOURCE', '-O1', '-Wall', '-Wextra', '-Werror', '-static', '-s'];
  const translated = sources.filter((file) => file.endsWith('.c'));
  await run(compilerFor(architecture), [...options, ...translated, '-o', unfinished]);
  await rename(unfinished, output);
  return output;
}

async function isNewer(output: string, sources: readonly string[]): Promise<boolean> {
  const built = await stat(output).catch(() => undefined);
  if (!built) return false;
  const inputs = await Promise.all(sources.map((source) => stat(source)));
  return inputs.every((input) => input.mtimeMs <= built.mtimeMs);
}
