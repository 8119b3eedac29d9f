import { closeSync, constants, openSync, writeSync } from 'node:fs';

/** Where Kubernetes reads a container's termination message from, and how much of it (Pod API, terminationMessagePath). */
const terminationLog = '/dev/termination-log';
const limitBytes = 4096;

/** Leaves the message for `kubectl describe pod`, where there is a place for it; never fails. */
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
    // Outside of Kubernetes there is none, and the message is in the log as well.
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
