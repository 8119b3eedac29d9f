import { randomBytes } from 'node:crypto';

/** Fields of a task's configuration, whether right or wrong: docs/orchestrator/configuration.md. */
export type ConfigFields = Readonly<Record<string, unknown>>;

/** The configuration of a task with unique names. */
export interface TaskConfig extends ConfigFields {
  readonly task_id: string;
  readonly token: string;
  readonly allocation: string;
}

/**
 * Makes a configuration for a task that may run for an hour.
 *
 * @param fields add to the usual ones or replace them. An undefined field is not in the JSON
 */
export function taskConfig(fields: ConfigFields): TaskConfig {
  const id = randomBytes(6).toString('hex');
  const usual = {
    task_id: `task-${id}`,
    token: `token-${id}-${randomBytes(12).toString('hex')}`,
    allocation: `allocation-${id}`,
    max_run_time: 3_600_000_000_000,
  };
  return { ...usual, ...fields };
}
