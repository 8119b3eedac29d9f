import type { Socket } from 'node:net';
import type { Dial } from './dial.ts';
import { chooseProxy, proxyAuthorization } from './proxy.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { openTunnel } from './tunnel.ts';

/**
 * The way of requests to an origin: direct, through a proxy that forwards them, or through a proxy's tunnel.
 */
export interface Route {
  /** The text before the path in a request line: an origin if a proxy forwards the request, or else ''. */
  readonly pathPrefix: string;
  /** Headers that belong to the way, not to the request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text for messages after the address: the proxy without credentials, or nothing. */
  readonly note: string;
  connect(signal: AbortSignal): Promise<Socket>;
}

/** @param origin scheme, host and port of the runner API. */
export function planRoute(origin: string, settings: ProxySettings, dial: Dial): Route {
  const target = new URL(origin);
  const { proxy, ignored } = chooseProxy(target, settings);
  if (!proxy) {
    const note = ignored ? ` (directly: ${ignored} is not an http or https URL and was ignored)` : '';
    const connect = (signal: AbortSignal) => dial(target, signal);
    return { pathPrefix: '', headers: {}, note, connect };
  }
  const note = ` through the proxy ${proxy.host}`;
  if (target.protocol === 'http:') {
    const headers = { Host: target.host, ...proxyAuthorization(proxy) };
    return { pathPrefix: origin, headers, note, connect: (signal) => dial(proxy, signal) };
  }
  const connect = async (signal: AbortSignal) =>
    dial(target, signal, await openTunnel(dial, proxy, target, signal));
  return { pathPrefix: '', headers: {}, note, connect };
}
