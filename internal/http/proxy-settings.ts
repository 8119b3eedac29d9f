import type { Environment } from '../environment.ts';

/** The proxy variables of the container's environment, by their own names. */
export interface ProxySettings {
  readonly HTTP_PROXY?: string | undefined;
  readonly http_proxy?: string | undefined;
  readonly HTTPS_PROXY?: string | undefined;
  readonly https_proxy?: string | undefined;
  readonly NO_PROXY?: string | undefined;
  readonly no_proxy?: string | undefined;
}

const variables = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'] as const;

/** Reads the variables as they are. */
export function readProxySettings(environment: Environment): ProxySettings {
  return Object.fromEntries(variables.map((name) => [name, environment.get(name)]));
}
