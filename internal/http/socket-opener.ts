import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { createLookup } from './lookup.ts';
import { TlsContexts } from './tls-contexts.ts';

/** A socket that connects, and its event when it can be used. */
interface Opening {
  readonly socket: Socket;
  readonly ready: 'connect' | 'secureConnect';
}

// Node's own limit is too short for addresses that are far away. After two unreachable addresses there is
// still time for a third.
const addressAttemptMs = 1000;

/** Opens sockets to the hosts of URLs. */
export class SocketOpener {
  readonly #lookup = createLookup();
  readonly #contexts: TlsContexts;

  /** @param ca the only trusted certificates, each in PEM. Verification cannot be switched off. */
  constructor(ca: readonly string[]) {
    this.#contexts = new TlsContexts(ca);
  }

  /** Begins to connect, with TLS for https, and through `over` if that is given. */
  open(to: URL, over?: Duplex): Opening {
    const isSecure = to.protocol === 'https:';
    const address = {
      host: to.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(to.port) || (isSecure ? 443 : 80),
      lookup: this.#lookup,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: addressAttemptMs,
    };
    if (!isSecure) return { socket: connectTcp(address), ready: 'connect' };
    return { socket: this.#openTls(address, over), ready: 'secureConnect' };
  }

  #openTls(address: ConnectionOptions & { readonly host: string }, over?: Duplex): TLSSocket {
    const { secureContext, onSuccess, onFailure } = this.#contexts.next();
    const socket = connectTls({
      ...address,
      ...(over ? { socket: over } : {}),
      servername: isIP(address.host) === 0 ? address.host : '', // RFC 6066: no addresses in SNI.
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
    return socket;
  }
}
