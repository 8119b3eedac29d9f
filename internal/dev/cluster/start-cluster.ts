import { isRoot } from '../testing/is-root.ts';
import { takeDown } from './down.ts';
import { findSandbox } from './sandbox.ts';
import { bringUp, type Report } from './up.ts';

/** Whether tests on a cluster belong to a run: where one is up that this user may use, and where they are required. */
export function clusterTestsWanted(): boolean {
  return process.env.CLUSTER_TESTS === 'required' || (isRoot && findSandbox() !== undefined);
}

/**
 * Brings the cluster up for who needs it for a while.
 *
 * @returns what takes it down again, unless it was up before
 */
export async function startCluster(report: Report, signal: AbortSignal): Promise<AsyncDisposable> {
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
