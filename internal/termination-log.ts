import { closeSync, constants, openSync, writeSync } from 'node:fs';

/**
 * The file from which Kubernetes reads a container's termination message, and its limit (Pod API,
 * terminationMessagePath).
 */
const terminationLog = '/dev/termination-log';
const limitBytes = 4096;

/**
 * Begins a message that stays only if the runner API was not told how the task has ended. The container's exit status
 * does not show that: the entrypoint of an image may end with 0 though the orchestrator did not, or was never run, and
 * a container runtime may claim 0 after its node has restarted.
 */
export const untold = 'Nobody was told how the task has ended.';
/** The same if an answer of the runner API was lost, and later ones do not say what it was. */
const uncertain = 'It is not known whether the runner API was told how the task has ended.';
/** Begins the message of a failure for which the task was handed back. */
const handedBack = 'The task was handed back for another try.';
/** Begins the message of an orchestrator that could not start, as on stderr. */
export const startFailurePrefix = 'orchestrator: ';

/** Writes a message that holds until the runner API has been told. This never fails. */
export function writeUntold(message: string): void {
  writeTerminationLog(`${untold} ${message}`);
}

/** Writes a message for a task of which nobody knows whether the runner API has been told. This never fails. */
export function writeUncertain(message: string): void {
  writeTerminationLog(`${uncertain} ${message}`);
}

/** Writes the message of a failure that the runner API was told, or for which it took the task back. Never fails. */
export function writeTold(message: string, { isHandedBack }: { readonly isHandedBack: boolean }): void {
  writeTerminationLog(isHandedBack ? `${handedBack} ${message}` : message);
}

/** Whether a container's termination message says that its orchestrator has handed the task back. */
export function saysHandedBack(message: string): boolean {
  return message.startsWith(handedBack);
}

/** Whether a container's termination message says that its orchestrator has not told the runner API about the task. */
export function isUntold(message: string): boolean {
  return [untold, uncertain, startFailurePrefix].some((beginning) => message.startsWith(beginning));
}

/** Writes the message for `kubectl describe pod`, if the file exists. This never fails. */
export function writeTerminationLog(message: string, file: string = terminationLog): void {
  const bytes = Buffer.from(message);
  const flags = constants.O_WRONLY | constants.O_TRUNC | constants.O_NONBLOCK;
  try {
    const fd = openSync(file, flags);
    try {
      writeSync(fd, bytes.subarray(0, wholeCharacters(bytes, limitBytes)));
    } finally {
      closeSync(fd);
    }
  } catch {
    // Outside of Kubernetes there is no such file. The log has the message too.
  }
}

/** The most bytes up to `limit` that end with a whole UTF-8 character. */
function wholeCharacters(bytes: Buffer, limit: number): number {
  let end = Math.min(limit, bytes.length);
  while (end > 0 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) {
    end--;
  }
  return end;
}
