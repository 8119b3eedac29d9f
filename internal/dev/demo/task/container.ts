import { isRoot } from '../../testing/is-root.ts';
import type { Life } from '../../testing/namespaces.ts';
import { startProgram } from '../../testing/start-program.ts';

/** The replacement for the task's container. */
export interface DemoContainer {
  readonly life: Life;
  /** A description for people: how a program runs in it. */
  readonly description: string;
}

/** Finds out whether a program may run as PID 1 here: containers and hardened machines forbid it. */
export async function findContainer(): Promise<DemoContainer> {
  if (!(await canBePid1()))
    return { life: 'ordinary', description: 'a plain process (PID namespaces are not permitted here)' };
  const user = isRoot ? '' : ' and a user namespace';
  return { life: 'pid 1', description: `PID 1 of a PID namespace${user}` };
}

async function canBePid1(): Promise<boolean> {
  try {
    await using attempt = await startProgram(['true'], { life: 'pid 1' });
    return (await attempt.exited).status === 0;
  } catch {
    return false;
  }
}
