import type { JsonObject } from '../../internal/json.ts';
import { dottedName, type ResourceClasses } from '../classes/resource-classes.ts';
import { podName } from '../names/names.ts';
import { choosePlatform } from '../nodes/choose-platform.ts';
import { buildPod } from '../pod/build-pod.ts';
import type { PodSettings } from '../pod/pod-plan.ts';
import { readTaskConfiguration } from '../task-configuration/read-task-configuration.ts';

/** The Pod that a resource class makes of a job. */
export interface ExamplePod {
  /** As written in the file. */
  readonly resourceClass: string;
  readonly pod: JsonObject;
  /** What an operator might not expect. */
  readonly notes: readonly string[];
}

/** The job of an example: its images, the first for the primary container. */
export interface ExampleJob {
  readonly images: readonly string[];
  /** Only this class; undefined: every class. */
  readonly resourceClass: string | undefined;
}

/** The Pods that an example job would get. No cluster is needed. */
export function examplePods(
  { byDottedName }: ResourceClasses,
  settings: PodSettings,
  { images, resourceClass: only }: ExampleJob,
): ExamplePod[] {
  const wanted = [...byDottedName].filter(([name]) => only === undefined || name === dottedName(only));
  return wanted.map(([name, resourceClass]) => {
    const { notes, pod } = buildPod({
      podName: podName('example', '00000000'),
      claim: { resourceClass: name, allocation: 'example', token: '' },
      task: readTaskConfiguration({ task_id: 'example', docker: images.map((image) => ({ image })) }),
      resourceClass,
      settings,
      platform: choosePlatform(resourceClass, []),
    });
    return { resourceClass: name, pod, notes };
  });
}
