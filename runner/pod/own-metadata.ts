import type { JsonObject } from '../../internal/json.ts';
import { annotations, labels, managedBy } from '../names/names.ts';
import type { ClaimedTask } from './pod-plan.ts';

/** The labels by which this program finds its objects. */
export function ownLabels(instance: string): JsonObject {
  return { [labels.managedBy]: managedBy, [labels.instance]: instance };
}

/** Selects the objects of all instances, and those of other programs with the same label. */
export const managedSelector = `${labels.managedBy}=${managedBy}`;

/** Selects the objects of an instance (Kubernetes, "Label selectors"). */
export function ownSelector(instance: string): string {
  return Object.entries(ownLabels(instance))
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** The facts that another replica needs if the task's owner dies. */
export function taskAnnotations(claim: ClaimedTask, taskId: string, unsafeRetries: boolean): JsonObject {
  return {
    [annotations.taskId]: taskId,
    [annotations.allocation]: claim.allocation,
    [annotations.resourceClass]: claim.resourceClass,
    [annotations.unsafeRetries]: String(unsafeRetries),
  };
}
