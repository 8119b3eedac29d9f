import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildWindowsExecutable } from './single-executable.ts';

/**
 * Builds the executable for Windows on x64: Node with the program. It needs nothing that Windows does not have.
 *
 * @param program the folder with main.cjs, made for Windows
 * @throws Error with the messages of whatever tool failed
 */
export async function buildForWindows(program: string, output: string): Promise<void> {
  await mkdir(dirname(output), { recursive: true });
  const folder = await mkdtemp(join(dirname(output), 'build-'));
  try {
    await rename(await buildWindowsExecutable(program, folder), output);
  } finally {
    await rm(folder, { recursive: true });
  }
}
