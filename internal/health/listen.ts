import { once } from 'node:events';
import type { Server } from 'node:net';
import { Failure } from '../failure.ts';
import { type ListenAddress, parseListenAddress } from './listen-address.ts';

/** Room for a burst of connections until they are accepted; the kernel caps it at net.core.somaxconn. */
const backlog = 4096;

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken by another process of this Pod',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EACCES: 'it is not permitted here',
  ENOTFOUND: 'the host name is not known here',
};

/**
 * Lets the server listen on `host:port` or `:port` and resolves to the address it got, such as `[::]:7623`. Without a
 * host that is IPv6 and IPv4, or IPv4 alone where there is no IPv6.
 *
 * Throws a `Failure`: `usage` if the address makes no sense, else `health-server`.
 */
export async function listen(server: Server, text: string): Promise<string> {
  const address = parseListenAddress(text);
  try {
    await bind(server, address);
  } catch (cause) {
    throw cannotListen(text, cause);
  }
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw cannotListen(text, undefined);
  return bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`;
}

/**
 * Without a host Node tries `::`, which takes IPv4 too, and where there is no IPv6 `0.0.0.0`; that the port is taken
 * on `::` it reports. To name `::` would cost 7 ms at start: any host makes Node set up its DNS client.
 */
async function bind(server: Server, { host, port }: ListenAddress): Promise<void> {
  server.listen(host === undefined ? { port, backlog } : { host, port, backlog });
  await once(server, 'listening');
}

function cannotListen(text: string, cause: unknown): Failure {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  const reason = reasons[code];
  return new Failure(
    'health-server',
    `health server cannot listen on ${text}: ${reason ? `${reason} (${code})` : code}`,
    { cause },
  );
}
