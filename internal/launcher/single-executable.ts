import { execFile } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Architecture, hostArchitecture } from './architecture.ts';
import { hostNode, strippedNode } from './node-binary.ts';

const run = promisify(execFile);

/** V8's options go into its code cache: the cache is refused when it was made with others than it is used with. */
const v8Options: readonly string[] = [];

/** One thread for V8's background work, instead of four that would each cost memory and be idle. */
const nodeOptions = ['--disable-sigusr1', '--disable-warning=ExperimentalWarning', '--v8-pool-size=1'];

/**
 * Makes a single executable of Node and one CommonJS file.
 *
 * @param folder an empty folder to work in
 * @returns the path of the executable
 * @throws Error with Node's own messages
 */
export async function buildSingleExecutable(
  architecture: Architecture,
  bundle: string,
  folder: string,
): Promise<string> {
  // Node keeps the name of the script in the blob: a fixed one makes the same bytes in every folder.
  await copyFile(bundle, join(folder, 'orchestrator.cjs'));
  const configuration = {
    main: 'orchestrator.cjs',
    output: 'orchestrator',
    executable: await strippedNode(architecture),
    disableExperimentalSEAWarning: true,
    useCodeCache: architecture === hostArchitecture(),
    execArgvExtension: 'none',
    execArgv: [...nodeOptions, ...v8Options],
  };
  await writeFile(join(folder, 'sea.json'), JSON.stringify(configuration));
  await run(await hostNode(), [...v8Options, '--build-sea', 'sea.json'], { cwd: folder, env: {} });
  return join(folder, 'orchestrator');
}
