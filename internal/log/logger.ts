import type { FdWriter } from './fd-writer.ts';
import { LineWriter } from './line-writer.ts';
import { Redactor } from './redactor.ts';

/** Errors as values are written as one line: message and causes, no stack. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Waits until every line is written, `timeoutMs` at most. */
  flush(timeoutMs: number): Promise<void>;
}

export interface RootLogger extends Logger {
  /** From now on this text appears in no line: `[REDACTED]` stands in its place. */
  addSecret(secret: string): void;
}

export interface LoggerOptions {
  readonly format: LogFormat;
  /** Where lines go; made with `logWriterOptions`. Whoever else writes to that descriptor does it by this, too. */
  readonly writer: FdWriter;
}

export type LogFormat = 'text' | 'json';

export interface LogEvent {
  /** When it happened, ms since 1970. */
  readonly time: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** PIPE_BUF: a write of this size is never mixed with what children write to the same pipe. */
const atomicWriteBytes = 4096;
/** What a reader that stalls may cost in memory before lines are dropped. */
const maxQueuedBytes = 1024 * 1024;

/** How a descriptor is written to that takes log lines. */
export const logWriterOptions = { maxBatchBytes: atomicWriteBytes, highWaterMark: maxQueuedBytes } as const;

/**
 * A logger that never blocks: `json` gives pino's own lines, `text` the same events for people. Pino takes a tenth of
 * the time to the agent's start: it is loaded in the turn of the event loop after the first event.
 */
export function createLogger({ format, writer }: LoggerOptions): RootLogger {
  const redactor = new Redactor();
  const lines = new LineWriter(writer, {
    maxQueuedBytes,
    onLost: (count) =>
      add('warn', 'log lines were dropped, as stdout was not read fast enough', { lines: count }),
  });
  const waiting: LogEvent[] = [];
  let write: (event: LogEvent) => void = (event) => {
    if (waiting.push(event) === 1) setImmediate(load);
  };
  let loaded: Promise<void> | undefined;

  function load(): Promise<void> {
    loaded ??= import('./pino-lines.ts').then(({ pinoLines }) => {
      write = pinoLines(format, (line) => lines.write(redactor.redact(line)));
      waiting.splice(0).forEach(write);
    });
    return loaded;
  }

  function add(level: LogEvent['level'], message: string, fields: LogFields = {}): void {
    write({ time: Date.now(), level, message, fields });
  }

  return {
    info: (message, fields) => add('info', message, fields),
    warn: (message, fields) => add('warn', message, fields),
    error: (message, fields) => add('error', message, fields),
    flush: async (timeoutMs) => {
      await load();
      await writer.flush(timeoutMs);
    },
    addSecret: (secret) => redactor.add(secret),
  };
}
