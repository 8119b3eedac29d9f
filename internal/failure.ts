/** A kind of failure, and its consequences. */
export interface FailureKind {
  /** Its name in logs and docs. Alerts depend on it, so it stays the same when messages change. */
  readonly code: string;
  /** Whether the task may be handed back to the runner API for another try. */
  readonly retryable: boolean;
  /** The exit status, if the runner API could not be told. */
  readonly exitStatus: number;
}

/** Kinds by their codes. A program has one such table for each of its parts. */
export function failureKinds<Code extends string>(
  table: Readonly<Record<Code, Omit<FailureKind, 'code'>>>,
): Readonly<Record<Code, FailureKind>> {
  const rows = Object.entries<Omit<FailureKind, 'code'>>(table);
  return Object.fromEntries(rows.map(([code, row]) => [code, { code, ...row }])) as Record<Code, FailureKind>;
}

/** The kinds of failures that all programs share. */
export const sharedKinds = failureKinds({
  usage: { retryable: false, exitStatus: 80 },
  'health-server': { retryable: true, exitStatus: 1 },
  'trust-store': { retryable: true, exitStatus: 1 },
});

/** More details of a failure than its kind and message. */
export interface FailureDetails {
  readonly cause?: unknown;
  readonly output?: string;
  /** More facts, by their field names in the log. */
  readonly fields?: Readonly<Record<string, string | number>>;
}

/** An expected failure: its message is one line for an operator, never a secret and never a stack trace. */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly #kind: FailureKind;
  readonly #fields: FailureDetails['fields'];
  /** The last output of the failed program, for the end of the message. '' if there is none. */
  readonly output: string;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, details);
    this.#kind = kind;
    this.#fields = details.fields;
    this.output = details.output ?? '';
  }

  get code(): string {
    return this.#kind.code;
  }

  get retryable(): boolean {
    return this.#kind.retryable;
  }

  get exitStatus(): number {
    return this.#kind.exitStatus;
  }

  /** The fields of its line in the log, for alerts. */
  get logFields(): Readonly<Record<string, string | number | boolean>> {
    return { ...this.#fields, code: this.code, retryable: this.retryable };
  }
}
