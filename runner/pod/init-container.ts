import { type JsonObject, objectIn } from '../../internal/json.ts';
import { initContainerName, volumeNames } from '../names/names.ts';
import { confined, lastWords } from './own-container.ts';
import type { PodPlan } from './pod-plan.ts';

const defaultResources: JsonObject = {
  requests: { cpu: '10m', memory: '32Mi' },
  limits: { cpu: '50m', memory: '64Mi' },
};

/** The container that copies the orchestrator and the task agent to the volume that both containers share. */
export function buildInitContainer({ platform, resourceClass, settings }: PodPlan): JsonObject {
  return {
    name: initContainerName,
    image: settings.initImage,
    resources: settings.initResources ?? defaultResources,
    ...lastWords,
    ...confined(platform, objectIn(resourceClass.spec, 'securityContext')),
    volumeMounts: [{ name: volumeNames.binaries, mountPath: platform.binaries }],
  };
}
