import { randomInt } from 'node:crypto';
import type { StepAttributes } from '../../clients/runner/calls/steps.ts';

/*
 * The types and phases of this program's steps, and their places among the steps of a task. Nothing public defines all
 * of them (docs/decisions/what-nothing-public-defines.md), so they are only here.
 */

/** Before the first step of the task agent. */
const lifecycleId = 0;
/** Between the lifecycle's and those of services. */
const mostTakenOver = 40;
/** Below the ids of the agent's own steps. The log of the second service has 96, and so on. */
const firstServiceId = 97;

export interface StepKind {
  readonly id: number;
  readonly attributes: StepAttributes;
}

/** The step that shows the life of the task's Pod. */
export const lifecycleStep: StepKind = {
  id: lifecycleId,
  attributes: {
    type: 'task_lifecycle',
    phase: 'setup',
    name: 'Task lifecycle',
    command: '',
    insignificant: false,
  },
};

/**
 * The same for a task that was taken over: the step of an earlier owner cannot be continued. It has another place each
 * time, as a task may be taken over more than once.
 */
export function takenOverStep(): StepKind {
  const name = 'Task lifecycle (taken over)';
  return { id: 1 + randomInt(mostTakenOver), attributes: { ...lifecycleStep.attributes, name } };
}

/** The step with the output of a service container. @param index the container's number in the job, from 1 */
export function serviceStep(index: number, image: string): StepKind {
  return {
    id: firstServiceId - index + 1,
    attributes: {
      type: 'service_container',
      phase: 'run',
      name: `Container ${image}`,
      command: image,
      insignificant: true,
    },
  };
}
