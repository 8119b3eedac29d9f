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

/** No program opens a debugger on a signal, or prints Node's warnings to users. */
function optionsOf({ nodeOptions }: Program): string[] {
  return ['--disable-sigusr1', '--disable-warning=ExperimentalWarning', ...nodeOptions];
}

/**
 * A code cache has hashes, so the same cache needs a fixed seed. V8 accepts the cache with any other seed and
 * computes the hashes again. If a program has its own seed, that one is used, because the program's options
 * come later.
 */
const buildSeed = '--random-seed=1';

/**
 * Makes a single executable from Node and a program, with V8's code cache.
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
  // Only the Node that will use the code cache can make it. So Node for another architecture has to be
  // emulated.
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
 * Makes a single executable from Node for Windows and a program. It has no code cache, because only Windows
 * could make one.
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
  // Node stores the name of the script in the blob. A fixed name gives the same bytes in every folder.
  const script = `${program.name}.cjs`;
  await writeFile(join(folder, script), main);
  const configuration = {
    main: script,
    output: program.name,
    ...platform,
    disableExperimentalSEAWarning: true,
    // Otherwise the image's NODE_OPTIONS could change or end the process.
    execArgvExtension: 'none',
    execArgv: optionsOf(program),
  };
  await writeFile(join(folder, 'sea.json'), JSON.stringify(configuration));
}
