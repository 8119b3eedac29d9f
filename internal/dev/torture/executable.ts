import { hostArchitecture } from '../../packer/architecture.ts';
import { builtExecutable } from '../../packer/repository.ts';

/** The built executable: that of `./do build`, unless the environment names another one. */
export const executable = process.env.ORCHESTRATOR ?? builtExecutable(hostArchitecture());
