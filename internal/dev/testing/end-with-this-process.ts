import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Remembers the pids of its last line, and kills them when its input ends, because then the writer has ended. */
const script = 'pids=; while read -r line; do pids=$line; done; [ -z "$pids" ] || kill -KILL $pids';

const children = new Set<number>();
let tell: ((pids: Iterable<number>) => void) | undefined;

/**
 * Kills a child if this process ends before it, even by SIGKILL, so that an interrupted run leaves no program behind. A
 * shell in its own session does that, so a terminal's Ctrl+C does not reach it. The child itself starts as usual.
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
