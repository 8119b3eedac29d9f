import type { Handoff } from '../internal/launcher/handoff.ts';
import type { FdWriter } from '../internal/log/fd-writer.ts';
import { LinuxProcesses } from '../task/cmd/linux-processes.ts';
import type { Processes } from '../task/cmd/processes.ts';

export { exitNow, setProcessName as nameProcess } from '../internal/syscall/linux.ts';

/** @param stderr where the children's stderr is passed on to */
export function createProcesses(handoff: Handoff, stderr: FdWriter): Processes {
  return new LinuxProcesses({ handoff, stderr });
}
