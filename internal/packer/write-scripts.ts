import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from './bundle.ts';

/**
 * Writes a bundle as scripts for start.cjs, each with one or more modules.
 *
 * @param folder is created for the scripts
 */
export async function writeScripts({ folder: bundle }: Bundle, folder: string): Promise<void> {
  await mkdir(folder);
  for (const [name, modules] of groupModules(await readdir(bundle))) {
    const functions = await Promise.all(modules.map((module) => asFunction(bundle, module)));
    await writeFile(join(folder, name), `({${functions.join(',\n')}})`, 'latin1');
  }
}

/**
 * The shared code of several modules, esbuild's `chunk-…`, is small. It goes into the script that is always
 * read.
 */
function groupModules(files: readonly string[]): Map<string, string[]> {
  return Map.groupBy(files.toSorted(), (file) => (file.startsWith('chunk-') ? 'main.cjs' : file));
}

/**
 * A script has no `require` of its own. Each character has one byte, so V8 uses the text without a
 * conversion.
 */
async function asFunction(bundle: string, module: string): Promise<string> {
  const text = await readFile(join(bundle, module), 'latin1');
  if (/[\u0080-\u00ff]/.test(text))
    throw new Error('the program is not ASCII, which esbuild makes it by default');
  return `${JSON.stringify(`./${module}`)}:function(require,module,exports){${text}\n}`;
}
