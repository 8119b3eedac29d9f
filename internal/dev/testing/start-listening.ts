import { once } from 'node:events';
import type { AddressInfo, ListenOptions, Server, Socket } from 'node:net';

/** A listening server. Disposing of it closes it. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
  /** Ends every connection, including those that a CONNECT took over. */
  close(): Promise<void>;
}

/** Lets a server listen on a free port, only for this machine, unless the place says otherwise. */
export async function startListening(server: Server, place: ListenOptions = {}): Promise<Listening> {
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  await once(server.listen({ host: '127.0.0.1', port: 0, ...place }), 'listening');
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of connections) socket.destroy();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close };
}
