import { readFileSync, writeFileSync } from 'node:fs';

/** More than the size of this process as the kernel counts it, including pages of its file. */
const ownWeightBytes = 64 * 2 ** 20;
/** One step of oom_score_adj counts as a thousandth of the limit. */
const steps = 1000;
const leastRaise = 100;
const highest = 1000;
/** A process with this score is never killed for want of memory. */
const lowest = -1000;

/**
 * Exempts this process from the kernel's OOM killer, if the container has CAP_SYS_RESOURCE. If memory.oom.group is set,
 * as kubelets do on nodes with cgroup v2, only this process remains to report what has happened (cgroup-v2.rst in the
 * kernel's documentation).
 *
 * Files in memory outlive the processes that wrote them. If they fill the container, this process can neither continue
 * nor be killed, so something has to end it.
 *
 * @param watchMemory starts to watch for that. Returns whether it could
 * @param root the place of the system's files, for tests
 */
export function avoidOomKiller(watchMemory: () => boolean, root = '/'): void {
  try {
    const file = `${root}/proc/self/oom_score_adj`;
    const own = readFileSync(file, 'latin1');
    // Most containers lack the capability, and this fails with EACCES.
    writeFileSync(file, `${lowest}`);
    if (!watchMemory()) writeFileSync(file, own);
  } catch {
    // Then this process can still be killed.
  }
}

/**
 * The oom_score_adj of a child (proc(5)). With it the kernel's OOM killer takes the task before the orchestrator, even
 * if the task is many small processes, unless our own score is near the highest value, 1000, or the limit is very low:
 * the kernel counts the score as that many thousandths of the limit's pages, rounded down. It is not higher than
 * necessary: on a node that is short of memory, the score also counts against other Pods. A process may raise its own
 * score without a privilege. The result is undefined if our own score cannot be read.
 *
 * @param limitBytes of the container's memory. Undefined: there is no limit
 * @param root the place of the system's files, for tests
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
