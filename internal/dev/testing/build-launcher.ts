import { join } from 'node:path';
import { hostArchitecture } from '../../packer/architecture.ts';
import { compileLauncher } from '../../packer/compile.ts';
import { loadProgram } from '../../packer/program.ts';
import { repository } from '../../packer/repository.ts';
import { buildPackedProbe } from './packed-probe.ts';

/** Run by vitest once before the tests: whatever starts children in a test needs the launcher of this machine. */
export async function setup(): Promise<void> {
  const orchestrator = await loadProgram(join(repository, 'cmd', 'orchestrator', 'program.ts'));
  await compileLauncher(orchestrator, hostArchitecture());
  await buildPackedProbe();
}
