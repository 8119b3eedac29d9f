import { join } from 'node:path';
import { platformOf, type Target } from './architecture.ts';
import { bundle, type Stamp } from './bundle.ts';
import { packForLinux } from './pack-linux.ts';
import { packForWindows } from './pack-windows.ts';
import type { Program } from './program.ts';
import { repository } from './repository.ts';

/**
 * Makes an executable from a program. Its JavaScript stays in target/program, for reading stack traces.
 *
 * @param output the path of the executable
 * @throws Error with the messages of the tool that failed
 */
export async function buildProgram(
  program: Program,
  target: Target,
  stamp: Stamp,
  output: string,
): Promise<void> {
  const platform = platformOf(target);
  const folder = join(repository, 'target', 'program', program.name, platform);
  const bundled = await bundle(program, platform, stamp, folder);
  if (target === 'windows') await packForWindows(program, bundled, output);
  else await packForLinux(program, target, bundled, output);
}
