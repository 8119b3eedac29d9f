import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { describeError } from './describe-error.ts';
import type { LogEvent, LogFields, LogFormat } from './logger.ts';
import { formatTextLine } from './text-line.ts';

/** Turns events into lines, each with its line feed: pino's own for `json`, made of those for `text`. */
export function pinoLines(format: LogFormat, write: (line: string) => void): (event: LogEvent) => void {
  let time = 0;
  const timestamp = (): string => `,"time":${time}`;
  const log = format === 'json' ? pino({ timestamp }, { write }) : textPino(timestamp, { write });
  return (event) => {
    time = event.time;
    log[event.level](serializable(event.fields), event.message);
  };
}

interface PinoLine {
  readonly time: number;
  readonly level: number;
  readonly msg: string;
  readonly fields?: LogFields;
}

/** A pino whose lines are turned into text. Fields are nested, so that none can pass for the time or the level. */
function textPino(timestamp: () => string, sink: DestinationStream): PinoLogger {
  const write = (line: string): void => {
    const { time, level, msg, fields = {} }: PinoLine = JSON.parse(line);
    sink.write(
      formatTextLine({ time, level: pino.levels.labels[level] ?? String(level), message: msg, fields }),
    );
  };
  return pino({ base: null, nestedKey: 'fields', timestamp }, { write });
}

/** Fields with what JSON cannot hold as text: an error would become `{}`, a long integer lose its last digits. */
function serializable(fields: LogFields): LogFields {
  const entries = Object.entries(fields).map(([key, value]) => {
    if (value instanceof Error) return [key, describeError(value)];
    return [key, typeof value === 'bigint' ? String(value) : value];
  });
  return Object.fromEntries(entries);
}
