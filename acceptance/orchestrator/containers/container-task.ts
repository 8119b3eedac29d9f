import { inject } from 'vitest';

/** The folder in which the init container has put both programs. */
const binaries = '/opt/circleci/bin';

/** The command line of a container: the orchestrator on the shared volume. */
export function orchestrator(...args: readonly string[]): string[] {
  return [`${binaries}/orchestrator`, ...args];
}

/** The options of a container that mount the volume with both programs. */
export function programsVolume(): string[] {
  return [`--volume=${inject('containers').programs}:${binaries}:ro`];
}

/** The path of the fake agent with a script, as a task's configuration names it. */
export function agentPath(script: readonly string[]): string {
  return [`${binaries}/circleci-agent`, ...script].join(' ');
}
