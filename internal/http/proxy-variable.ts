import type { ProxySettings } from './proxy-settings.ts';

/** The variable that names the proxy for a target: the upper-case one, if both are set. The value may be ''. */
export function proxyVariableFor(
  target: URL,
  settings: ProxySettings,
): { readonly name: keyof ProxySettings; readonly value: string } {
  const names =
    target.protocol === 'https:'
      ? (['HTTPS_PROXY', 'https_proxy'] as const)
      : (['HTTP_PROXY', 'http_proxy'] as const);
  const name = names.find((candidate) => settings[candidate]) ?? names[0];
  return { name, value: settings[name] ?? '' };
}

/** The URL of a proxy; a value without a scheme means http://. Undefined if it is not valid. */
export function parseProxy(value: string): URL | undefined {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value.trim()) ? value : `http://${value}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

/** Finds what is wrong with the proxy variable for a target, before a connection needs it. */
export function proxyMistakes(
  targetUrl: string,
  settings: ProxySettings,
): { readonly setting: string; readonly problem: string }[] {
  const target = URL.parse(targetUrl);
  if (target === null) return [];
  const { name, value } = proxyVariableFor(target, settings);
  if (value === '' || parseProxy(value) !== undefined) return [];
  return [{ setting: name, problem: 'it is not an http or https URL, and is ignored' }];
}
