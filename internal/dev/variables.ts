/*
 * What tests and tools are told by the environment that they run in. This is the one place where they look at it.
 */

/** PATH: for programs that get no other variable of this machine. */
export const searchPath = process.env.PATH ?? '';

/** ORCHESTRATOR: the executable to test or to measure; undefined: that of `./do build`. */
export const executableToUse = process.env.ORCHESTRATOR;

/** TEST_ARCHITECTURE: whose executable to test; undefined: this machine's. */
export const architectureToTest = process.env.TEST_ARCHITECTURE;

/** CONTAINER_TESTS=required: container tests fail where they cannot run, and are not left out. */
export const requireContainerTests = process.env.CONTAINER_TESTS === 'required';

/** CI: whether nobody looks on. */
export const inCi = process.env.CI !== undefined;
