import type { ProxySettings } from '../../internal/http/proxy-settings.ts';
import type { JsonObject } from '../../internal/json.ts';
import type { ResourceClass, ServiceRules } from '../classes/resource-classes.ts';
import type { TaskConfiguration } from '../task-configuration/task-configuration.ts';
import type { PodPlatform } from './platform.ts';

/** The runner API's answer to a claim, as far as a Pod needs it. */
export interface ClaimedTask {
  readonly resourceClass: string;
  readonly allocation: string;
  /** A secret. */
  readonly token: string;
}

/** The settings that all Pods of this program share. */
export interface PodSettings {
  readonly namespace: string;
  /** The replica that creates the Pods. */
  readonly instance: string;
  readonly runnerApiUrl: string;
  readonly initImage: string;
  readonly initResources: JsonObject | undefined;
  /** Empty: there is no logging container, so no task can have services. */
  readonly loggingImage: string;
  readonly loggingSecret: string;
  /** ms */
  readonly maxRunTimeMs: number;
  /** Ask autoscalers to leave the Pods alone. */
  readonly autoscalerAnnotations: boolean;
  readonly globalServices: ServiceRules;
  /** For the logging container, which calls the runner API like this program. They may hold credentials. */
  readonly proxy: ProxySettings;
}

/** The address for SSH to a task. */
export interface SshEndpoint {
  /** The address from outside, as `host:port`. */
  readonly advertiseAddress: string;
  /** The name of the Pod's port. The Service finds the Pod by it. */
  readonly portName: string;
  readonly port: number;
}

/** The input for a task's Pod and Secrets. */
export interface PodPlan {
  readonly podName: string;
  readonly claim: ClaimedTask;
  readonly task: TaskConfiguration;
  readonly resourceClass: ResourceClass;
  readonly settings: PodSettings;
  readonly platform: PodPlatform;
  /** The address for SSH to the task, and the name and number of the Pod's port. Absent if the task has none. */
  readonly ssh?: SshEndpoint | undefined;
}

/** Whether the task needs a logging container, and has to wait for it. */
export function hasServices({ task }: PodPlan): boolean {
  return task.docker.length > 1;
}

/** The proxy variables for a logging container. */
export function proxyVariables(plan: PodPlan): readonly (readonly [name: string, value: string])[] {
  if (!hasServices(plan)) return [];
  return Object.entries(plan.settings.proxy).flatMap(([name, value]) => (value ? [[name, value]] : []));
}

/** Whether the job has credentials for the registry of any of its images. */
export function needsRegistrySecret({ task }: PodPlan): boolean {
  return task.docker.some(({ auth }) => auth !== undefined);
}
