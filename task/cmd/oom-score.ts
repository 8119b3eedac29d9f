import { readFileSync } from 'node:fs';

/** Half of the memory's worth of badness: enough for a task of many small processes to outweigh this one. */
const raise = 500;
const highest = 1000;

/**
 * What a child's oom_score_adj is set to, so that the kernel's OOM killer takes the task before its reporter
 * (proc(5)). Raising one's own needs no privilege; undefined where it cannot be read.
 */
export function childOomScoreAdj(): number | undefined {
  try {
    const own = Number(readFileSync('/proc/self/oom_score_adj', 'latin1'));
    return Math.min(own + raise, highest);
  } catch {
    return undefined;
  }
}
