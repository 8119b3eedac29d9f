/** An event of either program. Only the controller has the level `debug`. */
export interface LogEvent {
  /** The time of the event, ms since 1970. */
  readonly time: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}
