import { createCaller, type RunnerApiAccess } from './caller.ts';
import { type ClaimAnswer, type ClaimRequest, claim } from './calls/claim.ts';
import { fail } from './calls/fail.ts';
import {
  endStep,
  type Step,
  type StepAttributes,
  type StepResult,
  startStep,
  writeStep,
} from './calls/steps.ts';
import { taskConfiguration } from './calls/task-configuration.ts';
import { unclaim } from './calls/unclaim.ts';
import type { RunnerClient } from './client.ts';

/** All calls of the runner API, as a controller needs them. Every method rejects with a RunnerApiError. */
export interface RunnerApi extends RunnerClient {
  /** Asks once for a task of a resource class. Only `close` ends the call: its answer may be a task. */
  claim(request: ClaimRequest): Promise<ClaimAnswer>;
  /** Reads the configuration of a task, as parsed JSON. */
  taskConfiguration(taskToken: string, signal: AbortSignal): Promise<unknown>;
  readonly steps: StepApi;
}

/** The steps of a task, as the task's owner sees them. The signals end calls at once. */
export interface StepApi {
  start(step: Step, attributes: StepAttributes, signal?: AbortSignal): Promise<void>;
  /** @param sequence counts from 0 for each step */
  output(step: Step, sequence: number, output: Uint8Array, signal?: AbortSignal): Promise<void>;
  end(step: Step, result: StepResult, signal?: AbortSignal): Promise<void>;
}

/**
 * @throws RunnerApiError if the base URL cannot be used. The message does not quote the URL
 */
export function createRunnerApi(access: RunnerApiAccess): RunnerApi {
  const { call, close } = createCaller({ ...access, acceptsPages: false });
  const event = (step: Step) => ({ step, timestampMs: Date.now() });
  return {
    claim: (request) => call(claim, request),
    taskConfiguration: (taskToken, signal) => call(taskConfiguration, { taskToken }, signal),
    unclaim: (task) => call(unclaim, task),
    fail: (failure) => call(fail, failure),
    steps: {
      start: (step, attributes, signal) => call(startStep, { ...event(step), attributes }, signal),
      output: (step, sequence, output, signal) =>
        call(writeStep, { ...event(step), sequence, output }, signal),
      end: (step, result, signal) => call(endStep, { ...event(step), result }, signal),
    },
    close,
  };
}
