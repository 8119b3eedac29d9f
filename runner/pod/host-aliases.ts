import { chooseProxy } from '../../internal/http/proxy.ts';
import { type JsonObject, objectsIn } from '../../internal/json.ts';
import type { PodPlan, PodSettings } from './pod-plan.ts';

/** RFC 1123, "DNS subdomain": a Pod accepts no other host names. */
const hostname = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Makes services reachable by their names: all containers of a Pod have the same address. */
export function buildHostAliases({ resourceClass, settings, task }: PodPlan): {
  readonly hostAliases: readonly JsonObject[];
  readonly notes: readonly string[];
} {
  const names = task.docker.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const taken = takenHosts(settings);
  const hostnames = names.filter((name) => hostname.test(name) && !taken.has(name));
  const given = objectsIn(resourceClass.spec, 'hostAliases');
  return {
    hostAliases: hostnames.length === 0 ? given : [...given, { ip: '127.0.0.1', hostnames }],
    notes: names
      .filter((name) => !hostnames.includes(name))
      .map((name) => {
        const reason = taken.get(name) ?? 'Kubernetes takes lower-case letters, digits, hyphens and dots';
        return `No container can be reached as ${name}: ${reason}. All of them can be reached as localhost.`;
      }),
  };
}

/** The hosts to which containers that are not the job's send tokens and a password, and what they are. */
function takenHosts({ proxy, runnerApiUrl }: PodSettings): ReadonlyMap<string, string> {
  const runnerApi = new URL(runnerApiUrl);
  const used = chooseProxy(runnerApi, proxy).proxy;
  return new Map([
    ...(used === undefined ? [] : [[used.hostname, 'that is the proxy'] as const]),
    [runnerApi.hostname, 'that is the runner API'],
  ]);
}
