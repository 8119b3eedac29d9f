import { readFileSync } from 'node:fs';

/** More than the size of this process as the kernel counts it, including pages of its file. */
const ownWeightBytes = 64 * 2 ** 20;
/** One step of oom_score_adj counts as a thousandth of the limit. */
const steps = 1000;
const leastRaise = 100;
const highest = 1000;

/**
 * The oom_score_adj of a child (proc(5)). With it the kernel's OOM killer takes the task before the
 * orchestrator, also if the task is many small processes, unless the limit is below 40 MiB: 1000 is the highest, and the
 * kernel counts it as so many thousandths of the limit's pages, rounded down. It is not higher than necessary: on a node that is
 * short of memory, the score also counts against other Pods. A process may raise its own score without a
 * privilege. The result is undefined if our own score cannot be read.
 *
 * @param limitBytes of the container's memory. Undefined: there is no limit @param root the mount point of
 * procfs, for tests
 */
export function childOomScoreAdj(limitBytes: number | undefined, root = '/'): number | undefined {
  try {
    const own = Number(readFileSync(`${root}/proc/self/oom_score_adj`, 'latin1'));
    return Math.min(own + raiseFor(limitBytes), highest);
  } catch {
    return undefined;
  }
}

function raiseFor(limitBytes: number | undefined): number {
  return limitBytes === undefined
    ? leastRaise
    : Math.max(leastRaise, Math.ceil((steps * ownWeightBytes) / limitBytes));
}
