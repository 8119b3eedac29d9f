import { type Backoff, pauseAfter } from '../../internal/back-off.ts';
import { delay } from '../../internal/delay.ts';
import type { KubernetesClient } from './client.ts';
import { splitLines } from './split-lines.ts';

/** A line of a container's log. */
export interface LogLine {
  /** RFC 3339 with nanoseconds, by the node's clock. */
  readonly time: string;
  readonly text: Buffer;
}

export interface FollowedLog {
  readonly pod: string;
  readonly container: string;
  /** Whether the container may still write: once it may not, what is left is read and the log is at its end. */
  readonly mayWrite: () => boolean;
  readonly backoff: Backoff;
  /** From then on the log is wanted at once: no pause is longer than a moment. */
  readonly hurry: AbortSignal;
  /** Called each time that the log can be read. */
  readonly onOpen: () => void;
  /** Called when a stream is given up that may not bring what there is to read. */
  readonly onStale: () => void;
  readonly onTrouble: (error: unknown) => void;
}

/** A line that is longer is told in pieces: a program may write without an end of line for ever, bytes. */
const longestLine = 64 << 10;
/** The pause before a kubelet is asked again that ended a stream without a reason, and of who is in a hurry, ms. */
const resumeMs = 250;
/**
 * A kubelet that has not come to the end of a file when that is rotated sends nothing from the next file, and does not
 * say so. Files are rotated from 10 MiB on, unless a kubelet is told otherwise: a stream that has brought much and falls
 * silent is opened again (kubelet, container-log-max-size).
 */
const muchBytes = 1 << 20;
const usualSilenceMs = 10_000;
const space = 32;
const rfc3339 = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

/**
 * The lines of a container's log from its beginning to its end, each once: when the stream ends early, as it does when
 * the log is rotated or the API server goes away, it is resumed at the time of the last line.
 *
 * Ends when the container may not write any more and all is read, or the signal aborts.
 */
export async function* followLog(
  client: KubernetesClient,
  { backoff, container, hurry, mayWrite, onOpen, onStale, onTrouble, pod }: FollowedLog,
  signal: AbortSignal,
  silenceMs = usualSilenceMs,
): AsyncGenerator<LogLine> {
  const place = new Place();
  let failures = 0;
  while (!signal.aborted) {
    // Asked before the log is read: what is written until the container's end is in that reading then.
    const last = !mayWrite();
    try {
      const request = { pod, container, follow: !last, sinceTime: place.time };
      const open = async (end: AbortSignal) => {
        const bytes = await client.openLog(request, end);
        onOpen();
        place.rewind();
        return bytes;
      };
      let passes = true;
      for await (const line of splitLines(untilStale(open, hurry, silenceMs, signal), longestLine)) {
        failures = 0;
        const parsed = parseLine(line);
        // What has no time belongs to the line before.
        passes = parsed === undefined ? passes : place.passes(parsed);
        if (passes) yield parsed ?? { time: place.time ?? '', text: line };
      }
      if (last) return;
      await delay(resumeMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof StaleStreamError) {
        onStale();
        continue;
      }
      failures++;
      onTrouble(error);
      if (!hurry.aborted) await pauseAfter(failures, backoff, error, AbortSignal.any([signal, hurry]));
      else await delay(resumeMs, signal);
    }
  }
}

class StaleStreamError extends Error {
  override readonly name = 'StaleStreamError';
}

/** What a stream brings, until it has brought much and falls silent, or somebody is in a hurry. @throws StaleStreamError */
async function* untilStale(
  open: (end: AbortSignal) => Promise<AsyncIterable<Buffer>>,
  hurry: AbortSignal,
  silenceMs: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const end = new AbortController();
  let bytes = 0;
  const giveUpIfMuch = () => {
    if (bytes >= muchBytes) end.abort(new StaleStreamError());
  };
  let timer: NodeJS.Timeout | undefined;
  hurry.addEventListener('abort', giveUpIfMuch, { once: true });
  try {
    for await (const chunk of await open(AbortSignal.any([signal, end.signal]))) {
      clearTimeout(timer);
      bytes += chunk.length;
      yield chunk;
      timer = setTimeout(giveUpIfMuch, silenceMs);
    }
  } finally {
    clearTimeout(timer);
    hurry.removeEventListener('abort', giveUpIfMuch);
  }
}

/** @returns undefined for what has no time: words of the kubelet itself, or the rest of a line that is very long */
function parseLine(line: Buffer): LogLine | undefined {
  const end = line.indexOf(space);
  const time = line.toString('latin1', 0, end === -1 ? line.length : end);
  if (!rfc3339.test(time)) return undefined;
  return { time, text: end === -1 ? Buffer.alloc(0) : line.subarray(end + 1) };
}

/** How far a log was read. Several lines may have one time: those of the last time are counted. */
class Place {
  #time: string | undefined;
  #atTime = 0;
  #toSkip = 0;

  get time(): string | undefined {
    return this.#time;
  }

  /** The log is read again from the last time on. */
  rewind(): void {
    this.#toSkip = this.#atTime;
  }

  /** Whether a line has not been seen yet. */
  passes({ time }: LogLine): boolean {
    if (this.#time !== undefined && compareTimes(time, this.#time) < 0) return false;
    if (time === this.#time) {
      if (this.#toSkip > 0) {
        this.#toSkip--;
        return false;
      }
      this.#atTime++;
      return true;
    }
    this.#toSkip = 0;
    this.#time = time;
    this.#atTime = 1;
    return true;
  }
}

/** Compares times in UTC of one kubelet, which leaves out zeros at the end of a fraction: `…:05Z`, `…:05.12Z`. */
function compareTimes(a: string, b: string): number {
  const [first, second] = [a, b].map((time) =>
    time.replace(/Z$/, '').padEnd(29, time.includes('.') ? '0' : ' '),
  );
  if (first === second) return 0;
  return (first ?? '') < (second ?? '') ? -1 : 1;
}
