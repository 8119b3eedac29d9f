import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { describeError } from './describe-error.ts';
import type { FdWriter } from './fd-writer.ts';
import { LineWriter } from './line-writer.ts';
import { Redactor } from './redactor.ts';
import { formatTextLine } from './text-line.ts';

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
  readonly format: 'text' | 'json';
  /** Where lines go; made with `logWriterOptions`. Whoever else writes to that descriptor does it by this, too. */
  readonly writer: FdWriter;
  readonly secrets?: readonly string[];
}

/** PIPE_BUF: a write of this size is never mixed with what children write to the same pipe. */
const atomicWriteBytes = 4096;
/** What a reader that stalls may cost in memory before lines are dropped. */
const maxQueuedBytes = 1024 * 1024;

/** How a descriptor is written to that takes log lines. */
export const logWriterOptions = { maxBatchBytes: atomicWriteBytes, highWaterMark: maxQueuedBytes } as const;

/** A logger that never blocks: `json` gives pino's own lines, `text` the same events for people. */
export function createLogger(options: LoggerOptions): RootLogger {
  const redactor = new Redactor();
  for (const secret of options.secrets ?? []) redactor.add(secret);
  const { writer } = options;
  const lines = new LineWriter(writer, {
    maxQueuedBytes,
    onLost: (count) =>
      log.warn({ lines: count }, 'log lines were dropped, as stdout was not read fast enough'),
  });
  const sink = { write: (line: string) => lines.write(redactor.redact(line)) };
  const log = options.format === 'json' ? pino({}, sink) : textPino(sink);
  return {
    info: (message, fields) => log.info(serializable(fields), message),
    warn: (message, fields) => log.warn(serializable(fields), message),
    error: (message, fields) => log.error(serializable(fields), message),
    flush: async (timeoutMs) => {
      await writer.flush(timeoutMs);
    },
    addSecret: (secret) => redactor.add(secret),
  };
}

interface PinoLine {
  readonly time: number;
  readonly level: number;
  readonly msg: string;
  readonly fields?: LogFields;
}

/** A pino whose lines are turned into text. Fields are nested, so that none can pass for the time or the level. */
function textPino(sink: DestinationStream): PinoLogger {
  const write = (line: string): void => {
    const { time, level, msg, fields = {} }: PinoLine = JSON.parse(line);
    sink.write(
      formatTextLine({ time, level: pino.levels.labels[level] ?? String(level), message: msg, fields }),
    );
  };
  return pino({ base: null, nestedKey: 'fields' }, { write });
}

/** Fields with what JSON cannot hold as text: an error would become `{}`, a long integer lose its last digits. */
function serializable(fields: LogFields = {}): LogFields {
  const entries = Object.entries(fields).map(([key, value]) => {
    if (value instanceof Error) return [key, describeError(value)];
    return [key, typeof value === 'bigint' ? String(value) : value];
  });
  return Object.fromEntries(entries);
}
