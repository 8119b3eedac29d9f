import type { Environment } from '../../internal/environment.ts';
import { type ProxySettings, readProxySettings } from '../../internal/http/proxy-settings.ts';

/** A reference that Kubernetes leaves in a value because the variable does not exist. */
const unresolved = /\$\(\w+\)/;
const credentials = /\/\/[^/@]*@/;

/**
 * The proxies of the environment. The public chart puts credentials from a Secret into their URLs by `$(NAME)`, but
 * names variables that may not exist. Then a URL without credentials is better than one with these words.
 */
export function readProxyVariables(environment: Environment): { proxy: ProxySettings; warnings: string[] } {
  const warnings: string[] = [];
  const given = Object.entries(readProxySettings(environment));
  const usable = given.map(([name, value = '']) => {
    if (!unresolved.test(value)) return [name, value];
    const stripped = value.replace(credentials, '//');
    warnings.push(
      `${name} refers to a variable that does not exist, and is used ${unresolved.test(stripped) ? 'not at all' : 'without its credentials'}: look at the Secret that agent.proxy names.`,
    );
    return [name, unresolved.test(stripped) ? '' : stripped];
  });
  return { proxy: Object.fromEntries(usable), warnings };
}
