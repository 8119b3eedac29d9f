/**
 * What the controller asks of the runner API. Each call retries by itself what may pass (SPEC of the client:
 * docs/decisions/connections-of-the-runner-client.md) and rejects with a {@link RunnerApiRefusal} or an error that says
 * that there was no answer.
 */
export interface RunnerApi {
  /** Asks once for a task of a class. */
  claim(request: ClaimRequest, signal: AbortSignal): Promise<ClaimAnswer>;
  /** The configuration of a task, as parsed JSON. */
  taskConfiguration(taskToken: string, signal: AbortSignal): Promise<unknown>;
  /** Hands a task back for another try. 409: its retries are used up; 404: it is gone. */
  unclaim(taskId: string, taskToken: string): Promise<void>;
  /** Ends a task with a message for its owner. 404: it is gone. */
  fail(allocation: string, taskToken: string, message: string): Promise<void>;
  readonly steps: StepApi;
}

export interface ClaimRequest {
  /** The class's token, which is used for this call alone. */
  readonly token: string;
  /** How this replica is listed. */
  readonly name: string;
  readonly hostname: string;
  readonly version: string;
}

export interface ClaimAnswer {
  /** Undefined: there is no work. */
  readonly task:
    | { readonly token: string; readonly allocation: string; readonly resourceClass: string }
    | undefined;
  /** What the server has to say, though it may have given a task; empty: nothing. */
  readonly warning: string;
}

/** The steps of a task, as its owner sees them. */
export interface StepApi {
  start(step: Step, attributes: StepAttributes): Promise<void>;
  /** @param sequence counts from 0 for each step */
  output(step: Step, sequence: number, out: Uint8Array): Promise<void>;
  end(step: Step, result: StepResult): Promise<void>;
}

export interface Step {
  readonly taskToken: string;
  /** The step's index among those of the task. */
  readonly id: number;
}

export interface StepAttributes {
  readonly type: string;
  readonly phase: string;
  readonly name: string;
  readonly command: string;
}

export type StepResult = 'success' | 'failure';

/** The status of an answer that is no success; undefined: there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' ? status : undefined;
}
