import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hostArchitecture } from '../../packer/architecture.ts';
import { buildProgram } from '../../packer/build-program.ts';
import { loadProgram } from '../../packer/program.ts';
import { repository } from '../../packer/repository.ts';

const output = join(repository, 'target', 'launcher', hostArchitecture(), 'probe');
const stamp = { version: 'dev', commit: 'none', date: 'unknown' };

/** An executable like the product's, with internal/launcher/fixtures/probe in it. */
export function packedProbe(): string {
  return output;
}

/** Builds it, unless it is newer than all of its sources. Building takes some seconds. */
export async function buildPackedProbe(): Promise<void> {
  if (isFresh()) return;
  const program = await loadProgram(
    join(repository, 'internal', 'launcher', 'fixtures', 'probe', 'program.ts'),
  );
  await buildProgram(program, hostArchitecture(), stamp, output);
}

function isFresh(): boolean {
  const built = statSync(output, { throwIfNoEntry: false });
  const sources = globSync('internal/{launcher,packer}/**/*.{c,cjs,h,S,ld,ts}', {
    cwd: repository,
    exclude: ['**/*.test.ts'],
  });
  return sources.every((file) => statSync(join(repository, file)).mtimeMs <= (built?.mtimeMs ?? 0));
}
