import { getRawPointer } from 'node:ffi';
import type { ChildEnd } from '../../child-end.ts';
import { ESRCH, POSIX_SPAWN_SETSID, PR_SET_CHILD_SUBREAPER, WNOHANG, zeroedStructures } from './abi.ts';
import { checkResult, cString, errno, libc, pointerArray } from './c-library.ts';
import { systemCall, trySystemCall } from './system-call.ts';

const anyChild = -1;
/** One for all calls, by its address: to be given a buffer makes a call longer, which a burst of orphans shows. */
const rawStatus = Buffer.alloc(4);
const rawStatusAddress = getRawPointer(rawStatus);

/**
 * Takes the status of one child that has ended, whichever it is.
 *
 * @returns the child; 'none-ended' while children live and none has ended; 'no-children' when there are none at all
 */
export function reapOne(): { pid: number; end: ChildEnd } | 'none-ended' | 'no-children' {
  const pid = libc.waitpid(anyChild, rawStatusAddress, WNOHANG);
  if (pid === 0) {
    return 'none-ended';
  }
  // With WNOHANG, waitpid(2) has no other error than ECHILD for these arguments.
  if (pid < 0) {
    return 'no-children';
  }
  const status = rawStatus.readInt32LE();
  const signal = status & 0x7f;
  return {
    pid,
    end: signal === 0 ? { exitCode: (status >> 8) & 0xff } : { signal, coreDumped: (status & 0x80) !== 0 },
  };
}

/** Makes this process adopt the orphans among its descendants when it is not PID 1 (prctl(2)). @throws SystemError */
export function becomeSubreaper(): void {
  systemCall('prctl', PR_SET_CHILD_SUBREAPER, 1);
}

/**
 * Starts a program in a session, and so a process group, of its own. posix_spawn(3) shares the memory with the
 * child until it executes, so that the size of this process does not matter, and the child's end is nobody's but
 * the reaper's: Node's own spawn would wait for it behind our back.
 *
 * @param descriptors what the child gets as descriptor 0, 1, 2, …; everything else is close-on-exec
 * @returns the pid
 * @throws SystemError when no process could be made or `path` not be executed
 */
export function spawnProgram(path: string, argv: readonly string[], descriptors: readonly number[]): number {
  const pid = Buffer.alloc(4);
  // Zeros are what the C library's own init functions would make of these two.
  const actions = Buffer.alloc(zeroedStructures.posix_spawn_file_actions_t.room);
  const attributes = Buffer.alloc(zeroedStructures.posix_spawnattr_t.room);
  attributes.writeInt16LE(POSIX_SPAWN_SETSID, 0);
  const argvPointers = pointerArray(argv.map((argument) => Buffer.from(argument)));
  try {
    descriptors.forEach((fd, target) => {
      checkResult('posix_spawn', libc.posix_spawn_file_actions_adddup2(actions, fd, target));
    });
    const noEnvironment = pointerArray([]);
    checkResult(
      'posix_spawn',
      libc.posix_spawn(pid, cString(path), actions, attributes, argvPointers.array, noEnvironment.array),
    );
    return pid.readInt32LE();
  } finally {
    libc.posix_spawn_file_actions_destroy(actions);
  }
}

/**
 * Sends a signal by number to a process, a group (negative pid) or everyone (-1).
 *
 * @returns whether anyone is there, though kill(2) may not be permitted
 */
export function kill(pid: number, signal: number): boolean {
  return trySystemCall('kill', pid, signal) === 0 || errno() !== ESRCH;
}
