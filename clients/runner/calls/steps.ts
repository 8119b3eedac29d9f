import { defaultLimits } from '../limits.ts';
import { type Call, statusOnly } from './call.ts';

/** A step of a task, as the task's owner sees it. */
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
  /** Whether the step's result says nothing about the task's. */
  readonly insignificant: boolean;
}

export type StepResult = 'success' | 'failure';

/** What happened to a step, and when: Unix time in ms. */
interface StepEvent {
  readonly step: Step;
  readonly timestampMs: number;
}

/** Begins a step. */
export const startStep: Call<StepEvent & { readonly attributes: StepAttributes }> = {
  ...stepCall('start'),
  body: ({ attributes, ...event }) => ({
    step: identify(event, 0),
    attributes: { ...attributes, parallel: false, background: false },
  }),
};

/** Adds to the output of a step. The parts are numbered from 0. */
export const writeStep: Call<StepEvent & { readonly sequence: number; readonly output: Uint8Array }> = {
  ...stepCall('output'),
  body: ({ output, sequence, ...event }) => ({
    step: identify(event, sequence),
    out: Buffer.from(output).toString('base64'),
  }),
};

/** Ends a step. */
export const endStep: Call<StepEvent & { readonly result: StepResult }> = {
  ...stepCall('end'),
  body: ({ result, ...event }) => ({
    step: identify(event, 0),
    // A string, although it is a number: circleci/runner-init, clients/runner/step.go.
    attributes: { result, exit_code: result === 'success' ? '0' : '1' },
  }),
};

function stepCall(event: 'start' | 'output' | 'end') {
  return {
    name: `step-${event}`,
    purpose: `tell the runner API of a step (${event})`,
    method: 'POST',
    path: `/api/v2/step/${event}`,
    token: ({ step }: StepEvent) => step.taskToken,
    bearer: 'task',
    statuses: { 404: 'gone' },
    // A few tries are worth it. More are not: the next part of the output waits meanwhile.
    limits: { ...defaultLimits, totalMs: 15_000, maxAttempts: 3 },
    answer: statusOnly,
    sharesConnections: true,
  } as const;
}

/** The task's token identifies the allocation. */
function identify({ step, timestampMs }: StepEvent, sequence: number) {
  return { allocation: 'unused', step_id: step.id, timestamp: timestampMs, sequence_number: sequence };
}
