import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Architecture, hostArchitecture } from './architecture.ts';
import { compileLauncher } from './compile.ts';
import { runFor } from './emulator.ts';

/** Assets of the single executable, by the names that start.cjs knows them by. */
export interface ProgramAssets {
  readonly program: string;
  readonly 'code-cache': string;
}

/**
 * Writes the program as a script for start.cjs, and the code cache that a rehearsal by the Node that will use it makes.
 *
 * @param node that Node
 * @param options Node's and V8's: a cache made with other ones would be refused
 * @param folder where the files go
 * @returns their names
 * @throws Error with the program's own messages when it does not end well
 */
export async function rehearse(
  architecture: Architecture,
  node: string,
  options: readonly string[],
  bundle: string,
  folder: string,
): Promise<ProgramAssets> {
  const assets: ProgramAssets = { program: 'program.js', 'code-cache': 'code-cache' };
  await writeFile(join(folder, assets.program), asFunction(await readFile(bundle, 'latin1')), 'latin1');
  // What an emulated program starts is run by the machine itself: its own launcher needs no handler of foreign files.
  const launcher = await compileLauncher(hostArchitecture());
  const rehearsal = join(import.meta.dirname, 'rehearse.cjs');
  const parameters = [...options, rehearsal, assets.program, launcher, assets['code-cache']];
  await runFor(architecture, node, parameters, folder);
  return assets;
}

/** A script has no `require` of its own. One byte a character, so that the text is taken as it is. */
function asFunction(text: string): string {
  if (/[\u0080-\u00ff]/.test(text))
    throw new Error('the bundle is not ASCII, which esbuild makes it by default');
  return `(function (require) {${text}\n})`;
}
