import { execFile } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from './architecture.ts';
import { writeScripts } from './code-cache.ts';
import { runFor } from './emulator.ts';
import { strippedNode, windowsNode } from './node-binary.ts';

const run = promisify(execFile);

const options = [
  '--disable-sigusr1',
  '--disable-warning=ExperimentalWarning',
  // One thread for V8's background work, instead of four that would each cost memory and be idle.
  '--v8-pool-size=1',
  // MiB. V8 doubles the young generation whenever as much has survived as it holds, in hours or in seconds, up to 16.
  '--max-semi-space-size=1',
];

/**
 * V8 derives three prime numbers from it to hash strings with, at every start: with this seed the search is short
 * (docs/decisions/start-up-time.md). Math.random() is the same in every process then: what has to differ needs
 * node:crypto. It also makes the same code cache of the same bundle, which has hashes in it.
 */
export const randomSeed = 32;
const seedOption = `--random-seed=${randomSeed}`;
const execArgv = [...options, seedOption];
const buildOptions = [seedOption, '--build-sea', 'sea.json'];

/**
 * Makes a single executable of Node and a program, with the code that V8 compiles for it.
 *
 * @param program the folder with main.cjs and all that it requires
 * @param folder an empty folder to work in
 * @returns the path of the executable
 * @throws Error with Node's own messages
 */
export async function buildSingleExecutable(
  architecture: Architecture,
  program: string,
  folder: string,
): Promise<string> {
  const node = await strippedNode(architecture);
  const assets = await writeScripts(architecture, node, execArgv, program, folder);
  const main = join(import.meta.dirname, 'start.cjs');
  await writeConfiguration(main, folder, { executable: node, useCodeCache: true, assets });
  // The code cache can only be made by the Node that will use it, so another machine's has to be emulated.
  await runFor(architecture, node, buildOptions, folder);
  return join(folder, 'orchestrator');
}

/**
 * Makes a single executable of Node for Windows and a program, without a code cache: that would take a Windows.
 *
 * @param program the folder with main.cjs, which is all
 * @param folder an empty folder to work in
 * @returns the path of the executable
 * @throws Error with Node's own messages
 */
export async function buildWindowsExecutable(program: string, folder: string): Promise<string> {
  await writeConfiguration(join(program, 'main.cjs'), folder, {
    executable: await windowsNode(),
    useCodeCache: false,
  });
  await run(process.execPath, buildOptions, { cwd: folder, env: { PATH: process.env.PATH } });
  return join(folder, 'orchestrator');
}

async function writeConfiguration(
  main: string,
  folder: string,
  platform: { executable: string; useCodeCache: boolean; assets?: Record<string, string> },
): Promise<void> {
  // Node keeps the name of the script in the blob: a fixed one makes the same bytes in every folder.
  await copyFile(main, join(folder, 'orchestrator.cjs'));
  const configuration = {
    main: 'orchestrator.cjs',
    output: 'orchestrator',
    ...platform,
    disableExperimentalSEAWarning: true,
    // NODE_OPTIONS of the image would otherwise change, or end, the process.
    execArgvExtension: 'none',
    execArgv,
  };
  await writeFile(join(folder, 'sea.json'), JSON.stringify(configuration));
}
