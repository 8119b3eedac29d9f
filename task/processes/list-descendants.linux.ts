import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * The pids of all descendants of this process, including adopted ones and zombies (proc(5)). When the caller
 * reads the list, some of them may have ended, and others may have started.
 */
export function listDescendants(): number[] {
  const childrenOf = existsSync('/proc/thread-self/children') ? readChildren : childrenByParent();
  const found: number[] = [];
  let generation = childrenOf(process.pid);
  while (generation.length > 0) {
    found.push(...generation);
    generation = generation.flatMap(childrenOf);
  }
  return found;
}

function readChildren(pid: number): number[] {
  const threads = `/proc/${pid}/task`;
  return unlessGone(() => readdirSync(threads)).flatMap((thread) =>
    unlessGone(() =>
      readFileSync(`${threads}/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
    ),
  );
}

/** For a kernel without CONFIG_PROC_CHILDREN. Such a kernel only tells the parent of each process. */
function childrenByParent(): (pid: number) => number[] {
  const children = Map.groupBy(readdirSync('/proc').filter(isPid).map(Number), parentOf);
  return (pid) => children.get(pid) ?? [];
}

function isPid(entry: string): boolean {
  return /^\d+$/.test(entry);
}

function parentOf(pid: number): number {
  const [stat = ''] = unlessGone(() => [readFileSync(`/proc/${pid}/stat`, 'latin1')]);
  // `pid (name) state ppid …`. The name may contain spaces and brackets.
  const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(parent);
}

function unlessGone<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch {
    return [];
  }
}
