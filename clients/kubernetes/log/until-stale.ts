/**
 * If a log file is rotated before the kubelet has sent all of it, the kubelet sends nothing from the next file, without
 * an error. By default, files are rotated from 10 MiB on (kubelet, container-log-max-size). So a stream that has
 * brought much and falls silent is opened again.
 */
const muchBytes = 1 << 20;
/** How long such a stream may be silent, ms. */
export const usualSilenceMs = 10_000;

/** A stream was given up, as it may be missing output. */
export class StaleStreamError extends Error {
  override readonly name = 'StaleStreamError';
}

/** A stream until it has brought much and falls silent, or the reader is in a hurry. @throws StaleStreamError */
export async function* untilStale(
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
