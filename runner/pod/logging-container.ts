import { type JsonObject, objectIn } from '../../internal/json.ts';
import { loggingContainerName, secretKeys, volumeNames } from '../names/names.ts';
import { secretVariable } from './environment.ts';
import { confined, lastWords } from './own-container.ts';
import { type PodPlan, proxyVariables } from './pod-plan.ts';
import type { ServiceContainer } from './service-containers.ts';

const resources: JsonObject = {
  requests: { cpu: '50m', memory: '64Mi' },
  limits: { cpu: '100m', memory: '128Mi' },
};

/** The folder where clients in a cluster look for their credentials. */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The variables of `container-agent collect-logs`. */
export const loggingVariables = {
  pod: 'RUNNER_POD_NAME',
  namespace: 'RUNNER_POD_NAMESPACE',
  services: 'RUNNER_SERVICES',
  readinessFile: 'RUNNER_READINESS_FILE',
  runnerApi: 'RUNNER_API',
  token: 'RUNNER_TASK_TOKEN',
} as const;

/**
 * The container that sends the output of the services to the runner API, and signals when all of them run. Only this
 * container has the credentials for that.
 */
export function buildLoggingContainer(plan: PodPlan, services: readonly ServiceContainer[]): JsonObject {
  const { platform, podName, resourceClass, settings } = plan;
  const text = (name: string, value: string) => ({ name, value });
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    name: loggingContainerName,
    image: settings.loggingImage,
    args: ['collect-logs'],
    env: [
      field(loggingVariables.pod, 'metadata.name'),
      field(loggingVariables.namespace, 'metadata.namespace'),
      text(
        loggingVariables.services,
        JSON.stringify(services.map(({ container, image }) => ({ container: container.name, image }))),
      ),
      text(loggingVariables.readinessFile, platform.readinessFile),
      text(loggingVariables.runnerApi, settings.runnerApiUrl),
      secretVariable(loggingVariables.token, podName, secretKeys.token),
      ...proxyVariables(plan).map(([name]) => secretVariable(name, podName, secretKeys.proxy(name))),
    ],
    resources,
    ...lastWords,
    ...confined(platform, objectIn(resourceClass.spec, 'securityContext')),
    volumeMounts: [
      { name: volumeNames.readiness, mountPath: platform.readiness },
      { name: volumeNames.loggingToken, mountPath: serviceAccountFolder, readOnly: true },
    ],
  };
}
