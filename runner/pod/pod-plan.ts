import type { ProxySettings } from '../../internal/http/proxy-settings.ts';
import type { ResourceClass, ServiceRules } from '../classes/resource-classes.ts';
import type { JsonObject } from '../json.ts';
import type { TaskConfiguration } from '../task-configuration/task-configuration.ts';
import type { PodPlatform } from './platform.ts';

/** What the runner API gave with a claim, as far as a Pod has to do with it. */
export interface ClaimedTask {
  readonly resourceClass: string;
  readonly allocation: string;
  /** A secret. */
  readonly token: string;
}

/** What is the same for all Pods of this program. */
export interface PodSettings {
  readonly namespace: string;
  /** Which replica made a Pod. */
  readonly instance: string;
  readonly runnerApiUrl: string;
  readonly initImage: string;
  readonly initResources: JsonObject | undefined;
  /** Empty: there is none, and so no task with services. */
  readonly loggingImage: string;
  readonly loggingSecret: string;
  /** ms */
  readonly maxRunTimeMs: number;
  /** Ask autoscalers to leave the Pods alone. */
  readonly autoscalerAnnotations: boolean;
  readonly globalServices: ServiceRules;
  /** For the logging container, which calls the runner API as this program does. They may hold credentials. */
  readonly proxy: ProxySettings;
}

/** Where a task can be reached by SSH. */
export interface SshEndpoint {
  /** From outside, as `host:port`. */
  readonly advertiseAddress: string;
  /** Of the Pod's port, by which the Service finds the Pod. */
  readonly portName: string;
  readonly port: number;
}

/** All that a task's Pod and Secrets are made of. */
export interface PodPlan {
  readonly podName: string;
  readonly claim: ClaimedTask;
  readonly task: TaskConfiguration;
  readonly resourceClass: ResourceClass;
  readonly settings: PodSettings;
  readonly platform: PodPlatform;
  /** Where the task can be reached by SSH, if it can: address, and name and number of the Pod's port. */
  readonly ssh?: SshEndpoint | undefined;
}

/** Whether a logging container is needed, and the task has to wait for it. */
export function hasServices({ task }: PodPlan): boolean {
  return task.docker.length > 1;
}

/** The proxy variables that a logging container gets. */
export function proxyVariables(plan: PodPlan): readonly (readonly [name: string, value: string])[] {
  if (!hasServices(plan)) return [];
  return Object.entries(plan.settings.proxy).flatMap(([name, value]) => (value ? [[name, value]] : []));
}

/** Whether the job has credentials for the registry of any of its images. */
export function needsRegistrySecret({ task }: PodPlan): boolean {
  return task.docker.some(({ auth }) => auth !== undefined);
}
