import type { StepAttributes } from '../../clients/runner/calls/steps.ts';

/*
 * The types and phases of the steps that are this program's, and their places among those of a task. Nothing public
 * defines them all (docs/decisions/what-nothing-public-defines.md): they are here and nowhere else.
 */

/** Before the first step of the task agent. */
const lifecycleId = 0;
/** The agent's own steps end before these. */
const takenOverId = 96;
const firstServiceId = 97;

export interface StepKind {
  readonly id: number;
  readonly attributes: StepAttributes;
}

/** The step that shows what became of the task's Pod. */
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

/** The same of a task that was taken over: what its first owner has told is in a step that nobody can go on with. */
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
