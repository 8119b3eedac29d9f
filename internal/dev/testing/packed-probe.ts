import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hostArchitecture } from '../../packer/architecture.ts';
import { buildExecutable } from '../../packer/pack.ts';
import { repository } from '../../packer/repository.ts';

const launcherFolder = join(repository, 'internal', 'launcher');
const program = join('fixtures', 'probe');
const output = join(repository, 'target', 'launcher', hostArchitecture(), 'probe');

/** An executable like the product's, with internal/launcher/fixtures/probe in it. */
export function packedProbe(): string {
  return output;
}

/** Builds it, which takes some seconds, unless it is newer than all that goes into it. */
export async function buildPackedProbe(): Promise<void> {
  if (!(await isFresh())) await buildExecutable(hostArchitecture(), join(launcherFolder, program), output);
}

async function isFresh(): Promise<boolean> {
  const built = await stat(output).catch(() => undefined);
  if (!built) return false;
  const files = await readdir(launcherFolder, { recursive: true });
  const sources = files.filter((file) => /\.(c|cjs|h|S|ld|ts)$/.test(file) && !file.endsWith('.test.ts'));
  const inputs = await Promise.all(sources.map((file) => stat(join(launcherFolder, file))));
  return inputs.every((input) => input.mtimeMs <= built.mtimeMs);
}
