import type { Platform } from '../../init/platform.ts';
import { Failure, sharedKinds } from '../../internal/failure.ts';
import { type Handoff, takeHandoff as takeEnvironment } from '../../internal/launcher/handoff.ts';
import type { Processes } from '../../task/processes/processes.ts';
import { WindowsProcesses } from '../../task/processes/processes.windows.ts';
import { configVariable } from './invocation.ts';
import type { ProcessesSetup } from './platform.linux.ts';

/*
 * What cmd/orchestrator/platform.linux.ts is on Linux: the bundle for Windows has this module in its place. Nothing here and below
 * has been run on Windows by whoever wrote it: see docs/orchestrator/windows.md.
 */
export { listen } from '../../internal/health/listener.windows.ts';
export { exitNow } from '../../internal/syscall/windows/kernel32.ts';

/** What init installs. */
export async function initPlatform(): Promise<Platform> {
  return (await import('../../init/binaries.windows.ts')).windows;
}

/** The process has the name of its file. */
export function nameProcess(_name: string): void {}

/** Takes the configuration out of the environment, too, which Windows changes in place (SetEnvironmentVariable). */
export function takeHandoff(): Handoff {
  const handoff = takeEnvironment();
  delete process.env[configVariable];
  return handoff;
}

export function createProcesses({ stdout, stderr, logger }: ProcessesSetup): Processes {
  return new WindowsProcesses({ stdout, stderr, logger });
}

/** Windows has one trust store, and no variables that say where it is. */
export function checkTrustStore(_variables: object): void {}

/** A process of Windows cannot become another program. @throws Failure 'usage' */
export function runOverride(_options: object): Promise<number> {
  throw new Failure(
    sharedKinds.usage,
    'The command override is not available on Windows, where a process cannot become another program: start run-task, with the custom entrypoint as "cmd" of its configuration.',
  );
}
