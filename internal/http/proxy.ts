import { bypassesProxy } from './no-proxy.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { parseProxy, proxyVariableFor } from './proxy-variable.ts';

export interface ProxyChoice {
  /** The proxy to use. Undefined: connect directly. */
  readonly proxy?: URL;
  /** The variable that was ignored because its value is not a usable proxy. */
  readonly ignored?: string;
}

/**
 * The proxy for a target, by the rules of Go's httpproxy. The variable depends on the target's scheme, and
 * its upper-case name comes first. An empty value means no proxy, a value without a scheme means http://, and
 * a value that is not valid is ignored.
 */
export function chooseProxy(target: URL, settings: ProxySettings): ProxyChoice {
  const { name, value } = proxyVariableFor(target, settings);
  if (!value || bypassesProxy(target, settings.NO_PROXY || settings.no_proxy || '')) return {};
  const proxy = parseProxy(value);
  return proxy ? { proxy } : { ignored: name };
}

/** The header with the credentials of a proxy's URL. Without credentials there is no header. */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '' && proxy.password === '') return {};
  const credentials = `${decode(proxy.username)}:${decode(proxy.password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A bare % in a password is just a character.
  }
}
