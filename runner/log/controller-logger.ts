import type { LogFields } from '../../internal/log/logger.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The controller's log. Its fields are those of the orchestrator's log. */
export type ControllerLogger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

/** A logger with more fields in each of its lines. */
export function withFields(logger: ControllerLogger, more: () => LogFields): ControllerLogger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) =>
      logger[level](message, { ...more(), ...fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
