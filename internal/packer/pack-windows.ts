import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bundle } from './bundle.ts';
import type { Program } from './program.ts';
import { buildWindowsExecutable } from './single-executable.ts';

/**
 * Makes the executable for Windows on x64: Node with the program. It only needs parts of Windows.
 *
 * @throws Error with the messages of the tool that failed
 */
export async function packForWindows(program: Program, bundle: Bundle, output: string): Promise<void> {
  await mkdir(dirname(output), { recursive: true });
  const folder = await mkdtemp(join(dirname(output), 'build-'));
  try {
    await rename(await buildWindowsExecutable(program, bundle, folder), output);
  } finally {
    await rm(folder, { recursive: true });
  }
}
