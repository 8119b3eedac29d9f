import { once } from 'node:events';
import { closeSync } from 'node:fs';
import type { Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ListeningSocket, openListeningSocket } from '../syscall/linux/listening-socket.ts';
import { SystemError } from '../syscall/system-error.ts';
import { type ListenAddress, parseListenAddress } from './listen-address.ts';
import { cannotListen, type Listen } from './listener.ts';

/**
 * Opens the port by system calls, so a port that is not free is noticed before the task starts. node:net
 * takes time to load, and is loaded after that (docs/decisions/start-up-time.md).
 */
export const listen: Listen = async (text) => {
  const address = parseListenAddress(text);
  const socket = await open(address).catch((error) => {
    throw cannotListen(text, error);
  });
  let server: Server | undefined;
  let isClosed = false;
  return {
    address: socket.address,
    serve: async (onConnection) => {
      await nextTurn();
      const { createServer } = process.getBuiltinModule('node:net');
      // Orphans are reaped in between.
      await nextTurn();
      if (isClosed) return;
      server = createServer({ noDelay: true }, onConnection);
      server.listen({ fd: socket.fd, backlog: socket.backlog });
      await once(server, 'listening');
      // A connection that could not be accepted must not end this program.
      server.on('error', () => {});
    },
    close: () => {
      isClosed = true;
      if (server === undefined) closeSync(socket.fd);
      else server.close();
    },
  };
};

async function open({ host, port }: ListenAddress): Promise<ListeningSocket> {
  if (host === undefined) return openOnEveryAddress(port);
  const { lookup } = process.getBuiltinModule('node:dns/promises');
  return openListeningSocket((await lookup(host)).address, port);
}

/** The errors of socket(2) and bind(2) if the kernel lacks IPv6, or it is disabled. */
const withoutIPv6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT']);

function openOnEveryAddress(port: number): ListeningSocket {
  try {
    return openListeningSocket('::', port);
  } catch (error) {
    if (!(error instanceof SystemError && withoutIPv6.has(error.code))) throw error;
    return openListeningSocket('0.0.0.0', port);
  }
}
