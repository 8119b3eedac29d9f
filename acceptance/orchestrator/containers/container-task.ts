import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { FakeRunnerApi } from '../../../internal/dev/runner-api/fake-runner-api.ts';

/** Where the init container has put both programs. */
export const binaries = '/opt/circleci/bin';

/** The command line of a container: the orchestrator on the shared volume. */
export function orchestrator(...args: readonly string[]): string[] {
  return [`${binaries}/orchestrator`, ...args];
}

/** The options of a container that mount the volume with both programs. */
export function programsVolume(): string[] {
  return [`--volume=${inject('containers').programs}:${binaries}:ro`];
}

export interface NewTask {
  /** The configuration as JSON. */
  readonly config: string;
  readonly token: string;
  readonly taskId: string;
  readonly allocation: string;
}

/**
 * The configuration of a task with names of its own.
 *
 * @param options the fake agent's script, and fields beside or in place of the usual ones
 */
export function newTask(options: {
  readonly api: FakeRunnerApi;
  readonly agent?: readonly string[];
  readonly fields?: Readonly<Record<string, unknown>>;
}): NewTask {
  const { api, agent = [], fields = {} } = options;
  const id = randomBytes(6).toString('hex');
  const names = {
    task_id: `task-${id}`,
    token: `token-${id}-${randomBytes(12).toString('hex')}`,
    allocation: `allocation-${id}`,
  };
  const usual = {
    ...names,
    runner_api_base_url: api.url,
    task_agent_path: [`${binaries}/circleci-agent`, ...agent].join(' '),
    max_run_time: 3_600_000_000_000,
  };
  return {
    config: JSON.stringify({ ...usual, ...fields }),
    token: String(fields.token ?? names.token),
    taskId: names.task_id,
    allocation: names.allocation,
  };
}
