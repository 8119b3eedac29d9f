import { join } from 'node:path';
import { hostArchitecture } from '../../packer/architecture.ts';
import { compileLauncher } from '../../packer/compile.ts';
import { loadProgram } from '../../packer/program.ts';
import { repository } from '../../packer/repository.ts';
import { buildPackedProbe } from './packed-probe.ts';

/** vitest runs this once before the tests, because tests need this machine's launcher to start children. */
export async function setup(): Promise<void> {
  const orchestrator = await loadProgram(join(repository, 'cmd', 'orchestrator', 'program.ts'));
  await compileLauncher(orchestrator, hostArchitecture());
  await buildPackedProbe();
}
