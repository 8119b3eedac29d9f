import { pino } from 'pino';
import { escapeUnsafe } from '../output/safe-text.ts';
import type { LogEvent } from './logger.ts';

/** An event of either program. Only the controller has the level `debug`. */
export type LineEvent = Pick<LogEvent, 'time' | 'message' | 'fields'> & {
  readonly level: LogEvent['level'] | 'debug';
};

/**
 * Turns events into pino's lines, each with its line feed, as log pipelines take them: the level as a word,
 * the time in ISO 8601. The process is left out, because pipelines add the container themselves. Control and invisible
 * characters beyond those that JSON itself escapes are escaped, too: terminals act on some of them.
 */
export function pinoLines(): (event: LineEvent) => string {
  let time = '';
  let line = '';
  const destination = {
    write: (text: string) => {
      line = text;
    },
  };
  const log = pino(
    {
      level: 'debug',
      base: null,
      timestamp: () => `,"time":"${time}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return (event) => {
    time = new Date(event.time).toISOString();
    log[event.level](event.fields, event.message);
    return `${escapeUnsafe(line.slice(0, -1))}\n`;
  };
}
