/** Every way the program can fail, and whether the task may be handed back to the runner API for another try. */
const retryable = {
  usage: false,
  init: false,
  config: false,
  'health-server': true,
  'trust-store': true,
  'entrypoint-start': false,
  'readiness-timeout': true,
  'not-started': true,
  user: false,
  'agent-start': true,
  'agent-exit': false,
  'task-interrupted': false,
  internal: false,
} as const;

export type FailureCode = keyof typeof retryable;

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
    return retryable[this.code];
  }

  /** What the process exits with when the failure could not be reported: the contract has 80 for usage, else 1. */
  get exitStatus(): number {
    return this.code === 'usage' ? 80 : 1;
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
