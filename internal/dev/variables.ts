import { homedir } from 'node:os';
import { join } from 'node:path';

/* The settings of tests and tools from the environment. Only this module reads it for them. */

/** All variables, for the tools that give them on to the programs they start. */
export const wholeEnvironment = process.env;

/** PATH, for programs that get no other variable of this machine. */
export const searchPath = process.env.PATH ?? '';

/** ORCHESTRATOR: the executable to test or to measure. Undefined: the one of `./do build`. */
export const executableToUse = process.env.ORCHESTRATOR;

/** TEST_ARCHITECTURE: the architecture of the executable to test. Undefined: this machine's. */
export const architectureToTest = process.env.TEST_ARCHITECTURE;

/** CONTAINER_TESTS=required: container tests that cannot run fail instead of being skipped. */
export const requireContainerTests = process.env.CONTAINER_TESTS === 'required';

/** CLUSTER_TESTS=required: tests on a cluster are part of the run. */
export const requireClusterTests = process.env.CLUSTER_TESTS === 'required';

/** VM_TESTS=required: tests in virtual machines are part of the run. */
export const requireVmTests = process.env.VM_TESTS === 'required';

/** GVISOR_TESTS=required: tests under gVisor are part of the run. */
export const requireGvisorTests = process.env.GVISOR_TESTS === 'required';

/**
 * XDG_CACHE_HOME, or its default: the folder for files that take long to make. It is outside of this checkout, because
 * all checkouts share it.
 */
export function cacheFolder(of: 'cluster' | 'vm'): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'runner-init', of);
}

/** CI: whether this runs in CI. */
export const inCi = process.env.CI !== undefined;

/** API_SERVER_OUTAGE_SECONDS: the length of the API server's outage in its test. */
export const apiServerOutageSeconds = Number(process.env.API_SERVER_OUTAGE_SECONDS ?? 60);

/** AUDIT=required: an audit fails if the database cannot be reached. */
export const requireAudit = process.env.AUDIT === 'required';

/** SERVER_VERSIONS: another table of the versions of CircleCI server. */
export const serverVersionsToUse = process.env.SERVER_VERSIONS || undefined;

/** IMAGE_REPOSITORY: the repository of the images. */
export const imageRepository = process.env.IMAGE_REPOSITORY || 'circleci/runner-init';

/** TASK_AGENT: another image with the task agent. */
export const taskAgentToUse = process.env.TASK_AGENT || undefined;
