import { readdirSync, readFileSync } from 'node:fs';

/** The pids of this process's children, adopted ones included, zombies too; proc(5). */
export function listChildren(): number[] {
  try {
    return readdirSync('/proc/self/task').flatMap((thread) =>
      readChildren(`/proc/self/task/${thread}/children`),
    );
  } catch {
    // A kernel without CONFIG_PROC_CHILDREN.
    return readdirSync('/proc').filter(isChild).map(Number);
  }
}

function readChildren(file: string): number[] {
  return readFileSync(file, 'latin1').trim().split(' ').filter(Boolean).map(Number);
}

function isChild(entry: string): boolean {
  if (!/^\d+$/.test(entry)) {
    return false;
  }
  try {
    // `pid (name) state ppid …`, where the name may hold blanks and brackets.
    const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(parent) === process.pid;
  } catch {
    return false;
  }
}
