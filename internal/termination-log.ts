import { closeSync, constants, openSync, writeSync } from 'node:fs';

/**
 * The file from which Kubernetes reads a container's termination message, and its limit (Pod API,
 * terminationMessagePath).
 */
const terminationLog = '/dev/termination-log';
const limitBytes = 4096;

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
