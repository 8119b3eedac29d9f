import { pino } from 'pino';
import type { LogEvent } from './logger.ts';

/** Turns events into pino's lines, each with its line feed. */
export function pinoLines(write: (line: string) => void): (event: LogEvent) => void {
  let time = 0;
  const log = pino({ timestamp: () => `,"time":${time}` }, { write });
  return (event) => {
    time = event.time;
    log[event.level](event.fields, event.message);
  };
}
