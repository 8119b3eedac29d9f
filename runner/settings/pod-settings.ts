import type { ProxySettings } from '../../internal/http/proxy-settings.ts';
import type { ResourceClasses } from '../classes/resource-classes.ts';
import { labelValue } from '../names/names.ts';
import { withoutTag } from '../pod/image-name.ts';
import type { PodSettings } from '../pod/pod-plan.ts';
import type { ControllerSettings } from './controller-settings.ts';

const defaultInitImage = 'circleci/runner-init:agent';

/** Facts about where this program runs that are not in the settings. */
export interface ControllerSurroundings {
  readonly namespace: string;
  readonly hostname: string;
  readonly proxy: ProxySettings;
}

/** The settings and the task Pod configuration, as far as they are for all Pods. */
export function podSettings(
  settings: ControllerSettings,
  { initResources, services }: ResourceClasses,
  { hostname, namespace, proxy }: ControllerSurroundings,
): PodSettings {
  return {
    namespace,
    instance: settings.KUBE_CONTAINER_AGENT_INSTANCE || labelValue(hostname),
    runnerApiUrl: settings.RUNNER_API,
    initImage: initImage(settings),
    initResources,
    loggingImage: settings.KUBE_LOGGING_IMAGE,
    loggingSecret: settings.KUBE_LOGGING_SECRET,
    maxRunTimeMs: settings.MAX_RUN_TIME,
    autoscalerAnnotations: settings.RUNNER_AUTOSCALER_ANNOTATIONS,
    globalServices: services,
    proxy,
  };
}

/** The chart always names an image, so a version for debugging replaces the tag of that image. */
function initImage({
  DEBUG_RUNNER_INIT_VERSION: tag,
  KUBE_RUNNER_INIT_IMAGE: given,
}: Pick<ControllerSettings, 'DEBUG_RUNNER_INIT_VERSION' | 'KUBE_RUNNER_INIT_IMAGE'>): string {
  const image = given || defaultInitImage;
  return tag === '' ? image : `${withoutTag(image)}:${tag}`;
}
