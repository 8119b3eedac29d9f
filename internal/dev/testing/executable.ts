import { hostArchitecture, parseArchitecture } from '../../packer/architecture.ts';
import { builtExecutable } from '../../packer/repository.ts';
import { architectureToTest, executableToUse } from '../variables.ts';

/** The architecture of the executable: this machine's, unless `./do test-arm64` names another one. */
export const architecture = parseArchitecture(architectureToTest ?? hostArchitecture());

/** Whether qemu-user(1) runs the executable. All other programs in the tests are this machine's. */
export const emulated = architecture !== hostArchitecture();

/** The built orchestrator: that of `./do build`, unless the environment names another one. */
export const executable = executableToUse ?? builtExecutable('orchestrator', architecture);

/** The built controller. */
export const containerAgent = builtExecutable('container-agent', architecture);
