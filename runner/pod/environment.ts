import { type JsonObject, objectsIn } from '../../internal/json.ts';
import { secretKeys } from '../names/names.ts';
import type { PodPlan } from './pod-plan.ts';

/** A variable whose value is in the task's Secret. */
export function secretVariable(name: string, secret: string, key: string): JsonObject {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

/**
 * The environment of a container. The job's variables override the template's, and ours override both. The job's values
 * are in the task's Secret, because everyone who may read Pods can read their specs.
 *
 * @param container its number in the job
 */
export function containerEnvironment(
  plan: PodPlan,
  container: number,
  template: JsonObject,
  own: readonly JsonObject[] = [],
): JsonObject[] {
  const job = Object.keys(plan.task.docker[container]?.environment ?? {}).map((name) =>
    secretVariable(name, plan.podName, secretKeys.environment(container, name)),
  );
  const all = [...objectsIn(template, 'env'), ...job, ...own];
  const last = new Map(all.map((variable, index) => [variable.name, index]));
  return all.filter(({ name }, index) => last.get(name) === index);
}
