import { once } from 'node:events';
import type { AddressInfo, ListenOptions, Server, Socket } from 'node:net';

/** A server that listens. Closed when it is disposed of. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
  /** Ends every connection, those that the server gave away with a CONNECT among them. */
  close(): Promise<void>;
}

/** Has a server listen on this machine alone, on a port that is free, unless the place says otherwise. */
export async function listen(server: Server, place: ListenOptions = {}): Promise<Listening> {
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  await once(server.listen({ host: '127.0.0.1', port: 0, ...place }), 'listening');
  const close = async () => {
    const closed = once(server.close(), 'close');
    for (const socket of connections) socket.destroy();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close };
}
