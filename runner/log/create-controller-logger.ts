import { type LogFields, logWriterLimits, serializable } from '../../internal/log/logger.ts';
import { pinoLines } from '../../internal/log/pino-lines.ts';
import { formatTextLine } from '../../internal/log/text-line.ts';
import type { FdWriter } from '../../internal/output/fd-writer.ts';
import { LineWriter } from '../../internal/output/line-writer.ts';
import type { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { type ControllerLogger, type LogLevel, logLevels } from './controller-logger.ts';

/** `color` is `text` with a colored level, for terminals. `none` writes nothing. */
export const logFormats = ['json', 'text', 'color', 'none'] as const;
export type ControllerLogFormat = (typeof logFormats)[number];

export interface LogStyle {
  readonly format: ControllerLogFormat;
  /** Events of lower levels are left out. */
  readonly level: LogLevel;
}

/**
 * A logger that never blocks. Its lines have the form that log pipelines expect: the level as a word, the time in ISO
 * 8601.
 *
 * @param writer the only writer of its descriptor, with `logWriterLimits` if children write there, too
 * @param mask is applied to every line
 */
export function createControllerLogger(
  { format, level }: LogStyle,
  writer: FdWriter,
  mask: SecretMask,
): ControllerLogger {
  const lines = new LineWriter(writer, logWriterLimits.highWaterMark, (count) =>
    logger.warn('log lines were dropped, as stdout was not read fast enough', { lines: count }),
  );
  const sink = (line: string) => lines.write(mask.mask(line));
  const write = writers[format](sink);
  const shown = logLevels.slice(logLevels.indexOf(level));
  const at =
    (each: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (shown.includes(each)) write(each, message, serializable(fields));
    };
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return logger;
}

type Write = (level: LogLevel, message: string, fields: ReturnType<typeof serializable>) => void;

const writers: Readonly<Record<ControllerLogFormat, (sink: (line: string) => void) => Write>> = {
  json: jsonWriter,
  text: (sink) => textWriter(sink, (line) => line),
  color: (sink) => textWriter(sink, colorLevel),
  none: () => () => undefined,
};

function jsonWriter(sink: (line: string) => void): Write {
  const format = pinoLines();
  return (level, message, fields) => sink(format({ time: Date.now(), level, message, fields }));
}

function textWriter(sink: (line: string) => void, style: (line: string, level: LogLevel) => string): Write {
  return (level, message, fields) =>
    sink(style(formatTextLine({ time: Date.now(), level, message, fields }), level));
}

/** Select Graphic Rendition of ECMA-48: gray, blue, yellow, red. */
const colors: Readonly<Record<LogLevel, number>> = { debug: 90, info: 34, warn: 33, error: 31 };

function colorLevel(line: string, level: LogLevel): string {
  const word = level.toUpperCase();
  return line.replace(word, `\u001b[${colors[level]}m${word}\u001b[0m`);
}
