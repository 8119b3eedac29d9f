import type { JsonObject } from '../json.ts';
import { hasServices, type PodPlan } from './pod-plan.ts';

export const binariesVolume = 'container-agent-bin';
export const readinessVolume = 'container-agent-services';
export const loggingTokenVolume = 'container-agent-logs-token';

/** The volumes that the containers of a task share, and the one that only the logging container sees. */
export function ownVolumes(plan: PodPlan): JsonObject[] {
  const binaries = { name: binariesVolume, emptyDir: {} };
  if (!hasServices(plan)) return [binaries];
  return [
    binaries,
    { name: readinessVolume, emptyDir: {} },
    { name: loggingTokenVolume, secret: { secretName: plan.settings.loggingSecret } },
  ];
}
