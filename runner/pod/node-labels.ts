import type { JsonObject } from '../json.ts';
import { archLabel, osLabel } from './platform.ts';
import type { PodPlan } from './pod-plan.ts';

/** How tags say that an image is for one architecture only; others are taken to be for all. */
const architectures: readonly (readonly [RegExp, string])[] = [
  [/[-_.:](amd64|x86_64)$/, 'amd64'],
  [/[-_.:](arm64|aarch64)(v8)?$/, 'arm64'],
];

/**
 * Labels that a node must have for our own containers, where a class's Pods could also be scheduled on nodes of
 * another kind. The scheduler does not look at a Pod's `os`, so one for Windows says it here in any case.
 */
export function requiredNodeLabels({ platform, settings }: PodPlan): JsonObject {
  const { mixed, os } = platform;
  const image = settings.initImage.replace(/@.*$/, '');
  const architecture = architectures.find(([tag]) => tag.test(image))?.[1];
  return {
    ...(os === 'windows' || mixed?.systems ? { [osLabel]: os } : {}),
    ...(mixed?.architectures && architecture !== undefined ? { [archLabel]: architecture } : {}),
  };
}
