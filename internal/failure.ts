/**
 * Every way the program can fail, in one table: what the runner API is asked to do about it and how the
 * process ends when nobody could be told. Exit statuses follow the contract: 80 for usage, else 1.
 */
const kinds = {
  usage: { retryable: false, exitStatus: 80 },
  init: { retryable: false, exitStatus: 1 },
  config: { retryable: false, exitStatus: 1 },
  'health-server': { retryable: true, exitStatus: 1 },
  'trust-store': { retryable: true, exitStatus: 1 },
  'entrypoint-start': { retryable: false, exitStatus: 1 },
  'readiness-timeout': { retryable: true, exitStatus: 1 },
  'not-started': { retryable: true, exitStatus: 1 },
  user: { retryable: false, exitStatus: 1 },
  'agent-start': { retryable: true, exitStatus: 1 },
  'agent-exit': { retryable: false, exitStatus: 1 },
  'task-interrupted': { retryable: false, exitStatus: 1 },
  internal: { retryable: false, exitStatus: 1 },
} as const;

export type FailureCode = keyof typeof kinds;

/** An expected failure: its message is one line for an operator, never a secret and never a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  /** What the program that failed wrote last, for the message's end. */
  readonly output: string;

  constructor(code: FailureCode, message: string, options: { cause?: unknown; output?: string } = {}) {
    super(message, options);
    this.code = code;
    this.output = options.output ?? '';
  }

  /** Whether the task may be handed back to the runner API for another try. */
  get retryable(): boolean {
    return kinds[this.code].retryable;
  }

  /** What the process exits with when the failure could not be reported. */
  get exitStatus(): number {
    return kinds[this.code].exitStatus;
  }
}

/** What was thrown, as a failure: anything that is none was not expected, and so a defect of this program. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) {
    return error;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new Failure('internal', `The orchestrator itself failed: ${reason}.`, { cause: error });
}
