import { type JsonObject, objectIn, objectsIn } from '../../internal/json.ts';
import { registrySecretName, specAnnotation } from '../names/names.ts';
import { buildHostAliases } from './host-aliases.ts';
import { buildInitContainer } from './init-container.ts';
import { buildLoggingContainer } from './logging-container.ts';
import { requiredNodeLabels } from './node-labels.ts';
import { terminationGracePeriodSeconds } from './orchestrator-interface.ts';
import { ownLabels, taskAnnotations } from './own-metadata.ts';
import { needsRegistrySecret, type PodPlan } from './pod-plan.ts';
import { buildPrimaryContainer } from './primary-container.ts';
import { buildServiceContainers, type ServiceContainer } from './service-containers.ts';
import { ownVolumes } from './volumes.ts';

/** If every replica is dead, the kubelet ends a Pod this long after its task's time limit, s. */
const deadlineSlackSeconds = 600;
/** The API server refuses a Pod with a later deadline (2^31 - 1 s). */
const longestDeadlineSeconds = 2_147_483_647;

const autoscalerAnnotations: JsonObject = {
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  'karpenter.sh/do-not-disrupt': 'true',
};

/**
 * Makes the Pod of a task from the class's template. The template stays as written, except for the fields that this
 * program needs.
 *
 * @returns the Pod, and notes on what an operator might not expect
 */
export function buildPod(plan: PodPlan): { pod: JsonObject; notes: readonly string[] } {
  const { resourceClass } = plan;
  const [template = {}, ...others] = objectsIn(resourceClass.spec, 'containers');
  const services = buildServiceContainers(plan, template);
  const logging = services.length > 0 ? [buildLoggingContainer(plan, services)] : [];
  const { hostAliases, notes } = buildHostAliases(plan);
  const pod: JsonObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata(plan, services),
    spec: {
      ...defaults(plan, template),
      ...withoutNulls(resourceClass.spec),
      restartPolicy: 'Never',
      initContainers: [buildInitContainer(plan), ...objectsIn(resourceClass.spec, 'initContainers')],
      // The kubelet starts them in this order, each after it has pulled the image of the one before. A service that ran
      // while the image of the logging container is pulled could fill its log, whose beginning then nobody can read.
      containers: [
        buildPrimaryContainer(plan, template),
        ...logging,
        ...services.map(({ container }) => container),
        ...others,
      ],
      volumes: [...objectsIn(resourceClass.spec, 'volumes'), ...ownVolumes(plan)],
      ...nodeSelector(plan),
      ...imagePullSecrets(plan),
      ...(hostAliases.length === 0 ? {} : { hostAliases }),
    },
  };
  return { pod, notes: [...notes, ...services.flatMap(({ notes }) => notes)] };
}

function metadata(
  { claim, podName, resourceClass, settings, task }: PodPlan,
  services: readonly ServiceContainer[],
): JsonObject {
  const origins = services.flatMap(({ index, origin }) =>
    origin === undefined ? [] : [[specAnnotation(index), JSON.stringify(origin)]],
  );
  return {
    ...resourceClass.metadata,
    name: podName,
    namespace: settings.namespace,
    labels: { ...objectIn(resourceClass.metadata, 'labels'), ...ownLabels(settings.instance) },
    annotations: {
      ...(settings.autoscalerAnnotations ? autoscalerAnnotations : {}),
      ...objectIn(resourceClass.metadata, 'annotations'),
      ...Object.fromEntries(origins),
      ...taskAnnotations(claim, task.taskId, resourceClass.unsafeRetries),
    },
  };
}

/** Fields that the template may override. */
function defaults({ platform, resourceClass, settings }: PodPlan, template: JsonObject): JsonObject {
  const { serviceAccount, serviceAccountName } = resourceClass.spec;
  const hasAccount = Boolean(serviceAccountName ?? serviceAccount);
  return {
    terminationGracePeriodSeconds: terminationGracePeriodSeconds(template),
    activeDeadlineSeconds: Math.min(
      Math.ceil(settings.maxRunTimeMs / 1000) + deadlineSlackSeconds,
      longestDeadlineSeconds,
    ),
    // A job gets no access to the API server unless its operator gives it an account.
    ...(hasAccount ? {} : { automountServiceAccountToken: false }),
    enableServiceLinks: false,
    // The API server refuses fields that Windows lacks, and policies that require them skip a Pod with this `os`.
    ...(platform.os === 'windows' ? { os: { name: platform.os } } : {}),
  };
}

/**
 * The fields of a spec that are set. Kubernetes takes null for a field that is not set, and a template that was made with
 * Helm easily has one. It must not take a default away. For `os`, null says that nothing is known about it.
 */
function withoutNulls(spec: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(spec).filter(([name, value]) => value !== null || name === 'os'));
}

function nodeSelector(plan: PodPlan): JsonObject {
  const required = requiredNodeLabels(plan);
  if (Object.keys(required).length === 0) return {};
  return { nodeSelector: { ...required, ...objectIn(plan.resourceClass.spec, 'nodeSelector') } };
}

function imagePullSecrets(plan: PodPlan): JsonObject {
  if (!needsRegistrySecret(plan)) return {};
  const given = objectsIn(plan.resourceClass.spec, 'imagePullSecrets');
  return { imagePullSecrets: [...given, { name: registrySecretName(plan.podName) }] };
}
