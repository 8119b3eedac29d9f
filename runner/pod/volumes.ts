import type { JsonObject } from '../../internal/json.ts';
import { volumeNames } from '../names/names.ts';
import { hasServices, type PodPlan } from './pod-plan.ts';

/** The volumes that the containers of a task share, and the one for the logging container alone. */
export function ownVolumes(plan: PodPlan): JsonObject[] {
  const binaries = { name: volumeNames.binaries, emptyDir: {} };
  if (!hasServices(plan)) return [binaries];
  return [
    binaries,
    { name: volumeNames.readiness, emptyDir: {} },
    { name: volumeNames.loggingToken, secret: { secretName: plan.settings.loggingSecret } },
  ];
}
