import { isRoot } from '../testing/is-root.ts';
import { requireClusterTests } from '../variables.ts';
import { takeDown } from './down.ts';
import { findSandbox } from './sandbox.ts';
import { bringUp, type ReportProgress } from './up.ts';

/** Whether a run includes tests on a cluster: if a cluster that this user may use is up, or if they are required. */
export function clusterTestsWanted(): boolean {
  return requireClusterTests || (isRoot && findSandbox() !== undefined);
}

/**
 * Brings the cluster up for a while.
 *
 * @returns a handle that takes it down again, unless it was already up
 */
export async function startCluster(report: ReportProgress, signal: AbortSignal): Promise<AsyncDisposable> {
  const wasUp = findSandbox() !== undefined;
  await bringUp(report, signal);
  return {
    async [Symbol.asyncDispose]() {
      if (wasUp) return;
      await takeDown(report, new AbortController().signal);
      report('is down again');
    },
  };
}
