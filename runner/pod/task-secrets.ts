import type { JsonObject } from '../../internal/json.ts';
import { registrySecretName, secretKeys } from '../names/names.ts';
import type { RegistryCredentials } from '../task-configuration/task-configuration.ts';
import { repositoryOf } from './image-name.ts';
import { orchestratorConfig } from './orchestrator-interface.ts';
import { ownLabels, taskAnnotations } from './own-metadata.ts';
import { needsRegistrySecret, type PodPlan, proxyVariables } from './pod-plan.ts';

type SecretObject = JsonObject & { readonly stringData: Readonly<Record<string, string>> };

/**
 * The Secrets of a task: its own, which is written before the Pod as the record of the claim, and one for registries if
 * the job has credentials.
 */
export function buildSecrets(plan: PodPlan): SecretObject[] {
  const environment = plan.task.docker.flatMap((entry, container) =>
    Object.entries(entry.environment).map(([name, value]) => [
      secretKeys.environment(container, name),
      value,
    ]),
  );
  const own = secret(plan, plan.podName, 'Opaque', {
    [secretKeys.config]: orchestratorConfig(plan),
    [secretKeys.token]: plan.claim.token,
    ...Object.fromEntries(environment),
    ...Object.fromEntries(proxyVariables(plan).map(([name, value]) => [secretKeys.proxy(name), value])),
  });
  if (!needsRegistrySecret(plan)) return [own];
  const registries = secret(plan, registrySecretName(plan.podName), 'kubernetes.io/dockerconfigjson', {
    '.dockerconfigjson': dockerConfig(plan),
  });
  return [own, registries];
}

/** The secrets of a task, as a whole and in parts. */
export function secretsOf(plan: PodPlan): string[] {
  const values = buildSecrets(plan).flatMap(({ stringData }) => Object.values(stringData));
  const credentials = plan.task.docker.flatMap(({ auth }) =>
    auth === undefined ? [] : [auth.password, basic(auth)],
  );
  return [...values, ...credentials];
}

function secret(plan: PodPlan, name: string, type: string, stringData: Record<string, string>): SecretObject {
  const { claim, resourceClass, settings, task } = plan;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type,
    metadata: {
      name,
      namespace: settings.namespace,
      labels: ownLabels(settings.instance),
      annotations: taskAnnotations(claim, task.taskId, resourceClass.unsafeRetries),
    },
    stringData,
  };
}

/**
 * The format of Docker's own configuration. Its keys are repositories, because a registry may need different
 * credentials for each. The kubelet uses the longest key that fits an image.
 */
function dockerConfig({ task }: PodPlan): string {
  const auths = task.docker.flatMap(({ auth, image }) =>
    auth === undefined ? [] : [[repositoryOf(image), { ...auth, auth: basic(auth) }] as const],
  );
  return JSON.stringify({ auths: Object.fromEntries(auths) });
}

function basic({ username, password }: RegistryCredentials): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}
