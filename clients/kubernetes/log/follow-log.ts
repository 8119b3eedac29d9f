import { type Backoff, pauseAfter } from '../../../internal/back-off.ts';
import { delay } from '../../../internal/delay.ts';
import type { KubernetesClient } from '../client.ts';
import { splitLines } from '../split-lines.ts';
import { type LogLine, parseLogLine } from './log-line.ts';
import { LogPlace } from './log-place.ts';
import { StaleStreamError, untilStale, usualSilenceMs } from './until-stale.ts';

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
  const place = new LogPlace();
  let failures = 0;
  let wasStale = false;
  let words: Buffer | undefined;
  const pauseAfterFailure = async (error?: unknown) => {
    if (!hurry.aborted) await pauseAfter(failures, backoff, error, AbortSignal.any([signal, hurry]));
    else await delay(resumeMs, signal);
  };
  while (!signal.aborted) {
    // Asked before the log is read, so that this reading includes everything up to the container's end.
    const last = !mayWrite();
    let openedMs = Number.POSITIVE_INFINITY;
    let isRead = false;
    // A resumed stream repeats the lines of the last line's second. They may be many each time.
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
        const parsed = parseLogLine(line);
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
      await (failures === 0 ? delay(resumeMs, signal) : pauseAfterFailure());
    } catch (error) {
      if (signal.aborted) return;
      wasStale = error instanceof StaleStreamError;
      if (wasStale) {
        onStale();
        continue;
      }
      failures = isGood() ? 1 : failures + 1;
      onTrouble(error);
      await pauseAfterFailure(error);
    }
  }
}
