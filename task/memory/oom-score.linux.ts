import { readFileSync } from 'node:fs';

/** More than this process weighs in the kernel's eyes, pages of its file included. */
const ownWeightBytes = 64 * 2 ** 20;
/** A thousandth of the limit is what one step of oom_score_adj weighs. */
const steps = 1000;
const leastRaise = 100;
const highest = 1000;

/**
 * What a child's oom_score_adj is set to, so that the kernel's OOM killer takes the task before its reporter, however
 * many small processes the task consists of (proc(5)). No more than it takes: on a node that is short of memory the
 * score counts against other Pods as well. Raising one's own needs no privilege; undefined where it cannot be read.
 *
 * @param limitBytes of the container's memory; undefined: none
 * @param root where procfs is mounted, for tests
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
