import { getRawPointer } from 'node:ffi';
import type { ChildEnd } from '../../child-end.ts';
import { ESRCH, POSIX_SPAWN_SETSID, PR_SET_CHILD_SUBREAPER, WNOHANG, zeroedStructures } from './abi.ts';
import { checkResult, cString, errno, libc, pointerArray } from './c-library.ts';
import { systemCall, trySystemCall } from './system-call.ts';

const anyChild = -1;
/**
 * One buffer for all calls, passed by its address. Passing the buffer itself makes a call longer, and a burst
 * of orphans shows that.
 */
const rawStatus = Buffer.alloc(4);
const rawStatusAddress = getRawPointer(rawStatus);

/**
 * Takes the status of any one child that has ended.
 *
 * @returns the child, or 'none-ended' if all children are alive, or 'no-children' if there are none
 */
export function reapOne(): { pid: number; end: ChildEnd } | 'none-ended' | 'no-children' {
  const pid = libc.waitpid(anyChild, rawStatusAddress, WNOHANG);
  if (pid === 0) return 'none-ended';
  // With WNOHANG and these arguments, the only error of waitpid(2) is ECHILD.
  if (pid < 0) return 'no-children';
  const status = rawStatus.readInt32LE();
  const signal = status & 0x7f;
  return {
    pid,
    end: signal === 0 ? { exitCode: (status >> 8) & 0xff } : { signal, coreDumped: (status & 0x80) !== 0 },
  };
}

/**
 * Lets this process adopt the orphans among its descendants if it is not PID 1 (prctl(2)).
 *
 * @throws SystemError
 */
export function becomeSubreaper(): void {
  systemCall('prctl', PR_SET_CHILD_SUBREAPER, 1);
}

/**
 * Starts a program in a session, and so a process group, of its own. posix_spawn(3) shares the memory with
 * the child until the child executes, so the size of this process does not matter. Only the reaper waits for
 * the child's end. Node's own spawn would also wait for it.
 *
 * @param descriptors the child gets these as descriptors 0, 1, 2, … All others are close-on-exec
 * @returns the pid
 * @throws SystemError if no process could be made, or `path` could not be executed
 */
export function spawnProgram(path: string, argv: readonly string[], descriptors: readonly number[]): number {
  const pid = Buffer.alloc(4);
  // The C library's own init functions would also set both to zeros.
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

/** The result of kill(2). `forbidden`: the target exists, but belongs to another user, as does each member of a group. */
export type Delivery = 'sent' | 'forbidden' | 'no-target';

/** Sends a signal by number to a process, a group (negative pid) or all processes (-1). */
export function kill(pid: number, signal: number): Delivery {
  if (trySystemCall('kill', pid, signal) === 0) return 'sent';
  return errno() === ESRCH ? 'no-target' : 'forbidden';
}
