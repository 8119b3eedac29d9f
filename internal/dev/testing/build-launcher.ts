import { hostArchitecture } from '../../packer/architecture.ts';
import { compileLauncher } from '../../packer/compile.ts';
import { buildPackedProbe } from './packed-probe.ts';

/** Run by vitest once before the tests: whatever starts children in a test needs the launcher of this machine. */
export async function setup(): Promise<void> {
  await compileLauncher(hostArchitecture());
  await buildPackedProbe();
}
