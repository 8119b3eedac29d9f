import type { Socket } from 'node:net';
import { Failure, sharedKinds } from '../failure.ts';

/** A port that accepts connections. They are not served yet. */
export interface Listener {
  /** `[::]:7623`, or `0.0.0.0:7623` without IPv6. */
  readonly address: string;
  /** Resolves when connections are accepted, including earlier ones. Call it once. */
  serve(onConnection: (connection: Socket) => void): Promise<void>;
  /** Stops listening. Open connections continue. */
  close(): void;
}

/**
 * Opens `host:port` or `:port`. Without a host, it listens on IPv6 and IPv4, or only on IPv4 if there is no IPv6.
 *
 * @throws Failure 'usage' if the address is not valid, or else 'health-server'
 */
export type Listen = (address: string) => Promise<Listener>;

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken by another process of this Pod',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EACCES: 'it is not permitted here',
  EAFNOSUPPORT: 'there is no IPv6 here',
  EINVAL: 'a link-local address needs an interface of this machine, as in [fe80::1%eth0]:7623',
  ENOTFOUND: 'the host name is not known here',
};

/** The failure 'health-server' for an address that cannot be listened on, with the system's reason. */
export function cannotListen(address: string, cause: unknown): Failure {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  const reason = reasons[code];
  return new Failure(
    sharedKinds['health-server'],
    `health server cannot listen on ${address}: ${reason ? `${reason} (${code})` : code}`,
    { cause },
  );
}
