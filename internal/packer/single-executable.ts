import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import type { Architecture } from './architecture.ts';
import { type Bundle, scriptOf } from './bundle.ts';
import { runFor } from './emulator.ts';
import { strippedNode, windowsNode } from './node-binary.ts';
import type { Program } from './program.ts';
import { writeScripts } from './write-scripts.ts';

const run = promisify(execFile);

/** No program opens a debugger for whoever sends it a signal, or warns people of what it was built with. */
function optionsOf({ nodeOptions }: Program): string[] {
  return ['--disable-sigusr1', '--disable-warning=ExperimentalWarning', ...nodeOptions];
}

/**
 * There are hashes in a code cache, so it takes a fixed seed to make the same one again. V8 uses it with any other seed: it
 * computes the hashes anew. A program's own seed counts if it has one, as its options come after this.
 */
const buildSeed = '--random-seed=1';

/**
 * Makes a single executable of Node and a program, with the code that V8 compiles for it.
 *
 * @param folder an empty folder to work in
 * @returns the path of the executable
 * @throws Error with Node's own messages
 */
export async function buildSingleExecutable(
  program: Program,
  architecture: Architecture,
  bundle: Bundle,
  folder: string,
): Promise<string> {
  const node = await strippedNode(architecture);
  const scripts = 'scripts';
  await writeScripts(bundle, join(folder, scripts));
  // The code cache can only be made by the Node that will use it, so another machine's has to be emulated.
  const runNode = (...parameters: string[]) =>
    runFor(architecture, node, [buildSeed, ...optionsOf(program), ...parameters], folder);
  const rarelyUsed = program.rarelyUsed.map((module) => scriptOf(bundle, module));
  await runNode(join(import.meta.dirname, 'code-cache.cjs'), scripts, ...rarelyUsed);
  const files = (await readdir(join(folder, scripts))).sort();
  await writeConfiguration(program, await startScript(program), folder, {
    executable: node,
    useCodeCache: true,
    assets: Object.fromEntries(files.map((name) => [name, join(scripts, name)])),
  });
  await runNode('--build-sea', 'sea.json');
  return join(folder, program.name);
}

/**
 * Makes a single executable of Node for Windows and a program, without a code cache: that would take a Windows.
 *
 * @param folder an empty folder to work in
 * @returns the path of the executable
 * @throws Error with Node's own messages
 */
export async function buildWindowsExecutable(
  program: Program,
  bundle: Bundle,
  folder: string,
): Promise<string> {
  const main = await readFile(join(bundle.folder, 'main.cjs'), 'utf8');
  await writeConfiguration(program, main, folder, { executable: await windowsNode(), useCodeCache: false });
  await run(process.execPath, [buildSeed, '--build-sea', 'sea.json'], {
    cwd: folder,
    env: {},
  });
  return join(folder, program.name);
}

async function startScript({ name }: Program): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'start.cjs'), 'utf8');
  const { code } = await transform(text, { define: { PROGRAM_NAME: JSON.stringify(name) } });
  return code;
}

async function writeConfiguration(
  program: Program,
  main: string,
  folder: string,
  platform: { executable: string; useCodeCache: boolean; assets?: Record<string, string> },
): Promise<void> {
  // Node keeps the name of the script in the blob: a fixed one makes the same bytes in every folder.
  const script = `${program.name}.cjs`;
  await writeFile(join(folder, script), main);
  const configuration = {
    main: script,
    output: program.name,
    ...platform,
    disableExperimentalSEAWarning: true,
    // NODE_OPTIONS of the image would otherwise change, or end, the process.
    execArgvExtension: 'none',
    execArgv: optionsOf(program),
  };
  await writeFile(join(folder, 'sea.json'), JSON.stringify(configuration));
}
