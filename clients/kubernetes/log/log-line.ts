const space = 32;
const rfc3339 = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

/** A line of a container's log. */
export interface LogLine {
  /** RFC 3339 with nanoseconds, by the node's clock. */
  readonly time: string;
  readonly text: Buffer;
}

/** @returns undefined if there is no time: for the kubelet's own words, and for the rest of a very long line */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const end = line.indexOf(space);
  const time = line.toString('latin1', 0, end === -1 ? line.length : end);
  if (!rfc3339.test(time)) return undefined;
  return { time, text: end === -1 ? Buffer.alloc(0) : line.subarray(end + 1) };
}
