import type { Platform } from '../../init/platform.ts';
import type { Handoff } from '../../internal/launcher/handoff.ts';
import type { Logger } from '../../internal/log/logger.ts';
import type { FdWriter } from '../../internal/output/fd-writer.ts';
import type { MemoryCgroup } from '../../task/memory/memory-cgroup.ts';
import { LinuxProcesses } from '../../task/processes/processes.linux.ts';
import type { Processes } from '../../task/processes/processes.ts';

export { listen } from '../../internal/health/listener.linux.ts';
export { takeHandoff } from '../../internal/launcher/handoff.ts';
export { exitNow, setProcessName as nameProcess } from '../../internal/syscall/linux/process.ts';
export { checkTrustStore } from '../../internal/trust-store/check-trust-store.linux.ts';
export { runOverride } from '../../task/entrypoint/run-override.ts';

/** What init installs. Loaded when it is asked for. */
export async function initPlatform(): Promise<Platform> {
  return (await import('../../init/binaries.linux.ts')).linux;
}

/** What the children of a task need of this process; their output goes where it says, as far as it passes through. */
export interface ProcessesSetup {
  readonly handoff: Handoff;
  readonly stdout: FdWriter;
  readonly stderr: FdWriter;
  readonly logger: Logger;
  readonly memory?: MemoryCgroup | undefined;
}

export function createProcesses({ handoff, stderr, memory }: ProcessesSetup): Processes {
  return new LinuxProcesses({ handoff, stderr, memory });
}
