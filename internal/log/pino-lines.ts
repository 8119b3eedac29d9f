import { pino } from 'pino';
import { escapeUnsafe } from '../output/safe-text.ts';
import type { LogEvent } from './log-event.ts';

/**
 * Turns events into pino's lines, each with its line feed, in the form that log pipelines expect: the level as a word,
 * the time in ISO 8601. The process is left out, because pipelines add the container themselves. All control and
 * invisible characters are escaped, not only those of JSON, because terminals react to some of them.
 */
export function pinoLines(): (event: LogEvent) => string {
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
