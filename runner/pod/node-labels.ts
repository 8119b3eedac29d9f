import type { JsonObject } from '../../internal/json.ts';
import { archLabel, osLabel } from './platform.ts';
import type { PodPlan } from './pod-plan.ts';

/** Parts of tags that mark an image as made for one architecture. Images without them count as made for all. */
const architectures: readonly (readonly [RegExp, string])[] = [
  [/[-_.:](amd64|x86_64)$/, 'amd64'],
  [/[-_.:](arm64|aarch64)(v8)?$/, 'arm64'],
];

/**
 * Labels that a node must have for our own containers if a class's Pods could also be scheduled on nodes of another
 * kind. The scheduler ignores a Pod's `os`, so a Pod for Windows always has the label.
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
