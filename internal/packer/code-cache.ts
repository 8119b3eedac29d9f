import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Architecture } from './architecture.ts';
import { runFor } from './emulator.ts';

const scriptsFolder = 'scripts';

/**
 * Writes the program as scripts for start.cjs, and beside each the code that V8 compiles for it.
 *
 * @param node the Node that will use that code
 * @param options Node's and V8's: code that was compiled with other ones may be refused
 * @param program the folder with main.cjs and all that it requires
 * @param folder where the files go
 * @returns the assets of the single executable: files in that folder by the names that start.cjs knows them by
 * @throws Error with Node's own messages
 */
export async function writeScripts(
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
  const compiler = join(import.meta.dirname, 'code-cache.cjs');
  await runFor(architecture, node, [...options, compiler, scriptsFolder], folder);
  return Object.fromEntries((await readdir(scripts)).sort().map((name) => [name, join(scriptsFolder, name)]));
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
