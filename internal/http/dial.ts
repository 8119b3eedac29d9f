import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { createLookup } from './lookup.ts';
import { TlsContexts } from './tls-contexts.ts';

/**
 * Opens a connection to the host of a URL, with TLS for https, and through `over` if that is given. When the
 * signal fires, the connection is destroyed, even if it is in use.
 */
export type Dial = (to: URL, signal: AbortSignal, over?: Duplex) => Promise<Socket>;

export interface Dialer {
  readonly dial: Dial;
  /** Settles when no connection is left. The signals have to end the connections. */
  closed(): Promise<unknown>;
}

// Node's own limit is too short for addresses that are far away. After two unreachable addresses there is
// still time for a third.
const addressAttemptMs = 1000;

/**
 * @param ca the only trusted certificates, each in PEM. Verification cannot be switched off.
 */
export function createDialer(ca: readonly string[]): Dialer {
  const lookup = createLookup();
  const contexts = new TlsContexts(ca);

  const open = (to: URL, over?: Duplex) => {
    const secure = to.protocol === 'https:';
    const host = to.hostname.replace(/^\[(.*)\]$/, '$1');
    const address = {
      host,
      port: Number(to.port) || (secure ? 443 : 80),
      lookup,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: addressAttemptMs,
    };
    if (!secure) return { socket: connectTcp(address), ready: 'connect' };
    const { secureContext, onSuccess, onFailure } = contexts.next();
    const socket = connectTls({
      ...address,
      ...(over ? { socket: over } : {}),
      servername: isIP(host) === 0 ? host : '', // RFC 6066: no addresses in SNI.
      ALPNProtocols: ['http/1.1'],
      secureContext,
      rejectUnauthorized: true, // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED has no effect.
    });
    const onClose = () => {
      // Other keys do not help against a certificate that is refused.
      if (!socket.authorizationError) onFailure();
    };
    const watchHandshake = () => {
      socket.once('close', onClose).once('secureConnect', () => {
        socket.off('close', onClose);
        onSuccess();
      });
    };
    if (over) watchHandshake();
    else socket.once('connect', watchHandshake);
    return { socket, ready: 'secureConnect' };
  };

  const connections = new Set<Promise<void>>();
  const track = (socket: Socket) => {
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => {
        connections.delete(closed);
        resolve();
      });
    });
    connections.add(closed);
  };

  const dial: Dial = (to, signal, over) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const { socket, ready } = open(to, over);
      track(socket);
      signal.addEventListener('abort', () => socket.destroy(), { once: true });
      socket.on('error', reject); // Stays for good: an error after the end of an attempt has no other listener.
      socket.once('close', () => reject(new Error('the connection was closed while it was being set up')));
      socket.once(ready, () => resolve(socket));
    });
  return { dial, closed: () => Promise.all(connections) };
}
