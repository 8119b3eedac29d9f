import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Architecture, hostArchitecture } from './architecture.ts';
import { compileGuard, compileLauncher } from './compile.ts';
import { runFor } from './emulator.ts';

const scriptsFolder = 'scripts';

/**
 * Writes the program as scripts for start.cjs, and the code caches that a rehearsal by the Node that will use them makes.
 *
 * @param node that Node
 * @param options Node's and V8's: caches made with other ones would be refused
 * @param program the folder with main.cjs and all that it requires
 * @param folder where the files go
 * @returns the assets of the single executable: files in that folder by the names that start.cjs knows them by
 * @throws Error with the program's own messages when it does not end well
 */
export async function rehearse(
  architecture: Architecture,
  node: string,
  options: readonly string[],
  program: string,
  folder: string,
): Promise<Record<string, string>> {
  const scripts = join(folder, scriptsFolder);
  await mkdir(scripts);
  for (const [name, modules] of groupModules(await readdir(program))) {
    const functions = await Promise.all(modules.map((module) => asFunction(program, module)));
    await writeFile(join(scripts, name), `({${functions.join(',\n')}})`, 'latin1');
  }
  // What an emulated program starts is run by the machine itself: its own launcher needs no handler of foreign files.
  const launcher = await compileLauncher(hostArchitecture());
  const rehearsal = join(import.meta.dirname, 'rehearse.cjs');
  const parameters = [rehearsal, scriptsFolder, launcher, await prepareBinaries(architecture, folder)];
  await runFor(architecture, node, [...options, ...parameters], folder);
  return Object.fromEntries((await readdir(scripts)).sort().map((name) => [name, join(scriptsFolder, name)]));
}

/** Two files that may be executed on that architecture, as far as `init` looks. @returns the folder that has them */
async function prepareBinaries(architecture: Architecture, folder: string): Promise<string> {
  const binaries = 'binaries';
  await mkdir(join(folder, binaries));
  const executable = await compileGuard(architecture);
  for (const name of ['orchestrator', 'circleci-agent'])
    await copyFile(executable, join(folder, binaries, name));
  return binaries;
}

/** What several modules share, esbuild's `chunk-…`, is small and goes into the script that is always read. */
function groupModules(files: readonly string[]): Map<string, string[]> {
  return Map.groupBy(files.toSorted(), (file) => (file.startsWith('chunk-') ? 'main.cjs' : file));
}

/** A script has no `require` of its own. One byte a character, so that the text is taken as it is. */
async function asFunction(program: string, module: string): Promise<string> {
  const text = await readFile(join(program, module), 'latin1');
  if (/[\u0080-\u00ff]/.test(text))
    throw new Error('the program is not ASCII, which esbuild makes it by default');
  return `${JSON.stringify(`./${module}`)}:function(require,module,exports){${text}\n}`;
}
