import type { LogFields } from '../internal/log/logger.ts';

/** The points in time of a task's life, ms since this process started. The task's last line in the log has them. */
export class Timeline {
  #agentStarted: number | undefined;
  #ending: number | undefined;
  #ended: number | undefined;

  /** The agent runs. */
  agentStarted(): void {
    this.#agentStarted = sinceStart();
  }

  /** The agent has ended, or the task is interrupted. The remaining processes are now ended. */
  ending(): void {
    this.#ending = sinceStart();
  }

  /** No process of the task is left, or none that can be killed. */
  ended(): void {
    this.#ended = sinceStart();
  }

  /**
   * The time since this process started, the time until the agent ran, and the time from the agent's end to
   * that of the last process. Events that did not happen are left out.
   */
  get fields(): LogFields {
    return {
      'task.duration_ms': rounded(sinceStart()),
      'task.start_ms': rounded(this.#agentStarted),
      'task.teardown_ms':
        this.#ending === undefined || this.#ended === undefined
          ? undefined
          : rounded(this.#ended - this.#ending),
    };
  }
}

/** Loading `performance` would take time before the agent's start. */
function sinceStart(): number {
  return process.uptime() * 1000;
}

/** The parts are short, so they have microseconds. */
function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 1000) / 1000;
}
