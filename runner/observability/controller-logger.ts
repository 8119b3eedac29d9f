import type { LogFields } from '../../internal/log/logger.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The controller's log. Its fields are those of the orchestrator's log. */
export type ControllerLogger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;
