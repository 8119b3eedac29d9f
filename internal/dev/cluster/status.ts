import { components } from './components.ts';
import { findProcess, logOf } from './processes.ts';

/** The status of a component. */
export interface ComponentStatus {
  readonly name: string;
  /** As this machine sees it. Undefined if it does not run. */
  readonly pid: number | undefined;
  readonly isReady: boolean;
  readonly log: string;
}

/** The current status of each component. */
export function inspectComponents(): Promise<ComponentStatus[]> {
  return Promise.all(
    components.map(async ({ name, isReady }) => {
      const pid = findProcess(name);
      return { name, pid, isReady: pid !== undefined && (await isReady()), log: logOf(name) };
    }),
  );
}

/** Whether every component runs and works. */
export async function isUp(): Promise<boolean> {
  return (await inspectComponents()).every(({ isReady }) => isReady);
}
