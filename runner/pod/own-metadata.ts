import type { JsonObject } from '../json.ts';
import { annotations, labels, managedBy } from './names.ts';
import type { ClaimedTask } from './pod-plan.ts';

/** The labels by which this program finds what it made. */
export function ownLabels(instance: string): JsonObject {
  return { [labels.managedBy]: managedBy, [labels.instance]: instance };
}

/** Selects the objects of all instances, and those of other programs that have the same label. */
export const managedSelector = `${labels.managedBy}=${managedBy}`;

/** Selects the objects of an instance (Kubernetes, "Label selectors"). */
export function ownSelector(instance: string): string {
  return Object.entries(ownLabels(instance))
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** What another replica needs to know of a task whose owner has died. */
export function taskAnnotations(claim: ClaimedTask, taskId: string, unsafeRetries: boolean): JsonObject {
  return {
    [annotations.taskId]: taskId,
    [annotations.allocation]: claim.allocation,
    [annotations.resourceClass]: claim.resourceClass,
    [annotations.unsafeRetries]: String(unsafeRetries),
  };
}
