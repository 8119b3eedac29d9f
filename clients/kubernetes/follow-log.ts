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
  /** Whether the container may still write. If not, the rest of the log is read, and the log ends. */
  readonly mayWrite: () => boolean;
  readonly backoff: Backoff;
  /** When it aborts, the reader is in a hurry: pauses are short from then on. */
  readonly hurry: AbortSignal;
  /** Called each time the log could be opened. */
  readonly onOpen: () => void;
  /** Called when a stream is given up because it may be missing output. */
  readonly onStale: () => void;
  readonly onTrouble: (error: unknown) => void;
}

/** A longer line comes in pieces, because a program may never end a line, bytes. */
const longestLine = 64 << 10;
/** A stream that ends sooner, and without a line of the log, counts as failed, ms. */
const shortestStreamMs = 1000;
/** The pause after a stream that the kubelet ended without a reason, and every pause of a reader in a hurry, ms. */
const resumeMs = 250;
/**
 * If a log file is rotated before the kubelet has sent all of it, the kubelet sends nothing from the next file, without
 * an error. By default, files are rotated from 10 MiB on (kubelet, container-log-max-size). So a stream that has
 * brought much and falls silent is opened again.
 */
const muchBytes = 1 << 20;
const usualSilenceMs = 10_000;
const space = 32;
const rfc3339 = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

/**
 * The lines of a container's log from its beginning to its end, each once. A stream may end early, for example because
 * the log is rotated or the API server goes away. Then it is resumed at the time of the last line.
 *
 * Ends when the container can no longer write and everything is read, or when the signal aborts.
 */
export async function* followLog(
  client: KubernetesClient,
  { backoff, container, hurry, mayWrite, onOpen, onStale, onTrouble, pod }: FollowedLog,
  signal: AbortSignal,
  silenceMs = usualSilenceMs,
): AsyncGenerator<LogLine> {
  const place = new Place();
  let failures = 0;
  let wasStale = false;
  let words: Buffer | undefined;
  const rest = async (error?: unknown) => {
    if (!hurry.aborted) await pauseAfter(failures, backoff, error, AbortSignal.any([signal, hurry]));
    else await delay(resumeMs, signal);
  };
  while (!signal.aborted) {
    // Asked before the log is read, so that this reading includes everything up to the container's end.
    const last = !mayWrite();
    let openedMs = Number.POSITIVE_INFINITY;
    let isRead = false;
    // A stream begins with what was read before of the second of the last line. That may be much each time.
    let hasNews = false;
    const mayBeStale = () => hasNews || !wasStale;
    // Proxies cut streams that are quiet for a while.
    const isGood = () => isRead || performance.now() - openedMs >= shortestStreamMs;
    try {
      const request = { pod, container, follow: !last, sinceTime: place.time };
      const open = async (end: AbortSignal) => {
        const bytes = await client.openLog(request, end);
        onOpen();
        openedMs = performance.now();
        place.rewind();
        return bytes;
      };
      let passes = true;
      for await (const line of splitLines(
        untilStale(open, mayBeStale, hurry, silenceMs, signal),
        longestLine,
      )) {
        const parsed = parseLine(line);
        isRead ||= parsed !== undefined;
        if (!isRead) {
          // The words of the kubelet that it cannot read the log. They are the same each time.
          if (words?.equals(line)) continue;
          words = line;
        }
        // Text without a time belongs to the line before.
        passes = parsed === undefined ? passes : place.passes(parsed);
        if (!passes) continue;
        hasNews = true;
        yield parsed ?? { time: place.time ?? '', text: line };
      }
      if (last) return;
      wasStale = false;
      failures = isGood() ? 0 : failures + 1;
      await (failures === 0 ? delay(resumeMs, signal) : rest());
    } catch (error) {
      if (signal.aborted) return;
      wasStale = error instanceof StaleStreamError;
      if (wasStale) {
        onStale();
        continue;
      }
      failures = isGood() ? 1 : failures + 1;
      onTrouble(error);
      await rest(error);
    }
  }
}

class StaleStreamError extends Error {
  override readonly name = 'StaleStreamError';
}

/** A stream until it has brought much and falls silent, or the reader is in a hurry. @throws StaleStreamError */
async function* untilStale(
  open: (end: AbortSignal) => Promise<AsyncIterable<Buffer>>,
  mayBeStale: () => boolean,
  hurry: AbortSignal,
  silenceMs: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const end = new AbortController();
  let bytes = 0;
  const giveUpIfMuch = () => {
    if (bytes >= muchBytes && mayBeStale()) end.abort(new StaleStreamError());
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

/** @returns undefined if there is no time: for the kubelet's own words, and for the rest of a very long line */
function parseLine(line: Buffer): LogLine | undefined {
  const end = line.indexOf(space);
  const time = line.toString('latin1', 0, end === -1 ? line.length : end);
  if (!rfc3339.test(time)) return undefined;
  return { time, text: end === -1 ? Buffer.alloc(0) : line.subarray(end + 1) };
}

/**
 * How far a log was read: up to a number of lines from the first one of the latest time on. Times alone do not tell.
 * Lines may have the same time, and a runtime takes the times of stdout and stderr before it writes either. So an
 * earlier time may follow, as it does when the node's clock is set back.
 */
class Place {
  #time: string | undefined;
  #sinceTime = 0;
  #toSkip = 0;
  /** Whether the line of the latest time has not come yet in a log that is read again. */
  #isBefore = false;

  get time(): string | undefined {
    return this.#time;
  }

  /** To be called before the log is read again from the latest time on. */
  rewind(): void {
    this.#toSkip = this.#sinceTime;
    this.#isBefore = this.#time !== undefined;
  }

  /** Whether a line is new. */
  passes({ time }: LogLine): boolean {
    const order = this.#time === undefined ? 1 : compareTimes(time, this.#time);
    if (order > 0) {
      this.#time = time;
      this.#sinceTime = 1;
      this.#toSkip = 0;
      this.#isBefore = false;
      return true;
    }
    if (this.#isBefore && order < 0) return false;
    this.#isBefore = false;
    if (this.#toSkip > 0) {
      this.#toSkip--;
      return false;
    }
    this.#sinceTime++;
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
