import type { StepAttributes } from '../../clients/runner/calls/steps.ts';

/*
 * The types and phases of this program's steps, and their places among the steps of a task. Nothing public defines all
 * of them (docs/decisions/what-nothing-public-defines.md), so they are only here.
 */

/** Before the first step of the task agent. */
const lifecycleId = 0;
/** Higher than the ids of the agent's own steps. */
const takenOverId = 96;
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

/** The same for a task that was taken over: the step of its first owner cannot be continued. */
export const takenOverStep: StepKind = {
  id: takenOverId,
  attributes: { ...lifecycleStep.attributes, name: 'Task lifecycle (taken over)' },
};

/** The step with the output of a service container. @param index the container's number in the job, from 1 */
export function serviceStep(index: number, image: string): StepKind {
  return {
    id: firstServiceId + index - 1,
    attributes: {
      type: 'service_container',
      phase: 'run',
      name: `Container ${image}`,
      command: image,
      insignificant: true,
    },
  };
}
