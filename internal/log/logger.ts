import type { FdWriter } from '../output/fd-writer.ts';
import { LineWriter } from '../output/line-writer.ts';
import type { SecretMask } from '../secrets/secret-mask.ts';
import { describeError } from './describe-error.ts';
import type { LogEvent } from './log-event.ts';
import { formatTextLine } from './text-line.ts';

/**
 * Numbers and booleans stay as they are, an error becomes one line (message and causes, no stack), and
 * anything else a string. Undefined fields are left out.
 */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /**
   * Whether children write to the same descriptor. While they do, and once after that, lines begin with a line
   * feed, as a child may have left a line unfinished.
   */
  shareOutput(isShared: boolean): void;
  /** Waits until every line is written, for `timeoutMs` at most. */
  flush(timeoutMs: number): Promise<void>;
}

export type LogFormat = 'text' | 'json';

/** PIPE_BUF: the kernel never mixes a write of this size with writes of children to the same pipe. */
const atomicWriteBytes = 4096;
/** While the reader stalls, lines stay in memory up to this size. Further lines are dropped. */
const maxQueuedBytes = 1024 * 1024;

/** Limits of the writer that log lines go to. */
export const logWriterLimits = { maxBatchBytes: atomicWriteBytes, highWaterMark: maxQueuedBytes } as const;

/**
 * A logger that never blocks: `json` gives pino's lines, `text` the same events for people. Pino is
 * loaded in the turn of the event loop after the first event, when the agent is starting
 * (docs/decisions/json-log-lines.md).
 *
 * @param writer the only writer of its descriptor, with `logWriterLimits` if children write there, too
 * @param mask is applied to every line
 */
export function createLogger(format: LogFormat, writer: FdWriter, mask: SecretMask): Logger {
  const lines = new LineWriter(writer, maxQueuedBytes, (count) =>
    add('warn', 'log lines were dropped, as stdout was not read fast enough', { lines: count }),
  );
  let isShared = false;
  const sink = (line: string) => {
    if (isShared) writer.breakLine();
    lines.write(mask.mask(line));
  };
  const events = new Events(sink, loadFormat[format]);

  function add(level: LogEvent['level'], message: string, fields: LogFields = {}): void {
    events.write({ time: Date.now(), level, message, fields: serializable(fields) });
  }

  return {
    info: (message, fields) => add('info', message, fields),
    warn: (message, fields) => add('warn', message, fields),
    error: (message, fields) => add('error', message, fields),
    shareOutput: (willBeShared) => {
      if (isShared || willBeShared) writer.breakLine();
      isShared = willBeShared;
    },
    flush: async (timeoutMs) => {
      await events.flush();
      await writer.flush(timeoutMs);
    },
  };
}

/**
 * Events on their way to lines. The first ones wait for the turn of the event loop in which the agent is starting:
 * their format may have to be loaded, and a line that was already under way when the agent starts could no longer begin
 * with a line feed.
 */
class Events {
  readonly #sink: (line: string) => void;
  readonly #load: () => Promise<(event: LogEvent) => string>;
  readonly #waiting: LogEvent[] = [];
  #loaded: Promise<void> | undefined;
  #write = (event: LogEvent): void => {
    if (this.#waiting.push(event) === 1) setImmediate(() => this.flush());
  };

  constructor(sink: (line: string) => void, load: () => Promise<(event: LogEvent) => string>) {
    this.#sink = sink;
    this.#load = load;
  }

  write(event: LogEvent): void {
    this.#write(event);
  }

  /** Resolves when the writer has all of them. */
  flush(): Promise<void> {
    this.#loaded ??= this.#load().then((format) => {
      this.#write = (event) => this.#sink(format(event));
      this.#waiting.forEach(this.#write);
    });
    return this.#loaded;
  }
}

/** Loads the function that turns an event into a line. */
const loadFormat = {
  text: async () => formatTextLine,
  json: async () => (await import('./pino-lines.ts')).pinoLines(),
} as const;

/** The fields of an event in the form to write. */
export function serializable(fields: LogFields): LogEvent['fields'] {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, serializableValue(value)]));
}

function serializableValue(value: unknown): string | number | boolean {
  if (typeof value === 'boolean' || Number.isFinite(value)) return value as boolean | number;
  return value instanceof Error ? describeError(value) : String(value);
}
