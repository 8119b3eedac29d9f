import type { Duplex } from 'node:stream';
import { Client } from 'undici';
import { connectOnce } from './connect-once.ts';
import type { Dial } from './dial.ts';
import { proxyAuthorization } from './proxy.ts';

/** A proxy's answer to CONNECT that does not open a tunnel. Its status says nothing about the runner API. */
export class TunnelRefused extends Error {
  readonly proxyStatus: number;

  constructor(proxyStatus: number) {
    super(`the proxy opened no tunnel but answered CONNECT with HTTP status ${proxyStatus}`);
    this.proxyStatus = proxyStatus;
  }
}

/**
 * Lets a proxy connect to the target, and returns the connection through the proxy.
 *
 * @throws TunnelRefused, or the error of the connection to the proxy.
 */
export async function openTunnel(dial: Dial, proxy: URL, target: URL, signal: AbortSignal): Promise<Duplex> {
  const authority = `${target.hostname}:${target.port || '443'}`;
  const client = new Client(proxy.origin, {
    connect: connectOnce(() => dial(proxy, signal)),
    headersTimeout: 0,
  });
  const tunnel = new Promise<Duplex>((resolve, reject) => {
    client.dispatch(
      { method: 'CONNECT', path: authority, headers: { Host: authority, ...proxyAuthorization(proxy) } },
      {
        onRequestStart() {},
        onRequestUpgrade(_controller, status, _headers, socket) {
          if (status >= 200 && status <= 299) resolve(socket);
          else reject(new TunnelRefused(status));
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      },
    );
  });
  return tunnel.finally(() => client.destroy());
}
