import { type JsonObject, objectsIn } from '../json.ts';
import type { PodPlan } from './pod-plan.ts';

/** RFC 1123, "DNS subdomain": no other name of a host is accepted in a Pod. */
const hostname = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A service that has a name is reached by it: all containers of a Pod have one address. */
export function buildHostAliases({ resourceClass, settings, task }: PodPlan): {
  readonly hostAliases: readonly JsonObject[];
  readonly notes: readonly string[];
} {
  const names = task.docker.flatMap(({ name }) => (name === undefined ? [] : [name]));
  // Tokens go there, also those of containers that are not the job's.
  const runnerApi = new URL(settings.runnerApiUrl).hostname;
  const isTaken = (name: string) => name === runnerApi;
  const hostnames = names.filter((name) => hostname.test(name) && !isTaken(name));
  const given = objectsIn(resourceClass.spec, 'hostAliases');
  return {
    hostAliases: hostnames.length === 0 ? given : [...given, { ip: '127.0.0.1', hostnames }],
    notes: names
      .filter((name) => !hostnames.includes(name))
      .map((name) => {
        const reason = isTaken(name)
          ? 'that is the runner API'
          : 'Kubernetes takes lower-case letters, digits, hyphens and dots';
        return `No container can be reached as ${name}: ${reason}. All of them can be reached as localhost.`;
      }),
  };
}
