import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { waitFor } from './wait-for.ts';

/** The text of a file of a process in /proc. '' if the process is gone. */
export function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** The pids of a process's children, zombies too; proc(5). */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readProc(pid, `task/${thread}/children`).trim().split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** The state letter of a process: R, S, Z and so on. '' if it is gone. */
export function stateOf(pid: number): string {
  const stat = readProc(pid, 'stat');
  return stat.charAt(stat.lastIndexOf(')') + 2);
}

/** The number of a process's children that have ended and were not reaped. */
export function zombiesOf(pid: number): number {
  return childrenOf(pid).filter((child) => stateOf(child) === 'Z').length;
}

/** The value of a field of /proc/<pid>/status, or of that file's text. */
export function statusField(status: string, name: string): string {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
}

/** The pids of all processes that have this text in their environment. */
export function processesWith(text: string): number[] {
  return allProcesses().filter((pid) => readProc(pid, 'environ').includes(text));
}

/** The pids of all processes that this one can see. */
export function allProcesses(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** The TCP ports that a process itself listens on; proc_pid_net(5). */
export function listeningPorts(pid: number): number[] {
  const targets = readdirSync(`/proc/${pid}/fd`).map((fd) => readLink(`/proc/${pid}/fd/${fd}`));
  const inodes = targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
  return ['net/tcp', 'net/tcp6'].flatMap((file) =>
    readProc(pid, file)
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode = '']) => state === listening && inodes.includes(inode))
      .map(([, address = '']) => Number.parseInt(address.split(':')[1] ?? '', 16)),
  );
}

const listening = '0A';

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // It has been closed meanwhile.
  }
}

/** Sends a signal, if the process still exists. */
export function sendSignal(pid: number, signal: NodeJS.Signals | number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/**
 * Kills all processes with this text in their environment, repeatedly, because a dying process may have
 * forked just before.
 */
export async function killProcessesWith(text: string): Promise<void> {
  await waitFor(`the end of all with ${text}`, () => {
    const left = processesWith(text);
    for (const pid of left) sendSignal(pid, 'SIGKILL');
    return left.length === 0;
  });
}

/**
 * Blocks this thread until all other threads of this process sleep. Then their work is done, but the event
 * loop does not know it yet. Call it in the main thread.
 */
export function blockUntilOtherThreadsSleep(): void {
  const isAwake = (thread: string) => Number(thread) !== process.pid && stateOf(Number(thread)) !== 'S';
  while (readdirSync('/proc/self/task').some(isAwake));
}
