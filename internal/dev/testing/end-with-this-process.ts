import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Remembers the pids of its last line, and kills them at the end of its input: that of who writes it. */
const script = 'pids=; while read -r line; do pids=$line; done; [ -z "$pids" ] || kill -KILL $pids';

const children = new Set<number>();
let tell: ((pids: Iterable<number>) => void) | undefined;

/**
 * Kills a child if this process ends before it, even by SIGKILL: an interrupted run leaves no program behind. A shell of
 * its own session sees to that, which no Ctrl+C of a terminal reaches. The child itself starts as it would without this.
 */
export function endWithThisProcess(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  tell ??= startWatcher();
  tell(children.add(pid));
  child.once('exit', () => {
    children.delete(pid);
    tell?.(children);
  });
}

function startWatcher(): (pids: Iterable<number>) => void {
  const stdio = ['pipe', 'ignore', 'ignore'] as const;
  const watcher = spawn('/bin/sh', ['-c', script], { cwd: '/', detached: true, stdio: [...stdio] });
  watcher.unref();
  const input = watcher.stdin as Socket;
  input.unref();
  input.on('error', () => {}); // Somebody has killed it.
  return (pids) => void input.write(`${[...pids].join(' ')}\n`);
}
