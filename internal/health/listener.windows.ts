import { once } from 'node:events';
import { createServer } from 'node:net';
import { parseListenAddress } from './listen-address.ts';
import { cannotListen, type Listen } from './listener.ts';

/** Room for a burst of connections until they are accepted. */
const backlog = 4096;

/** Without a host Node tries `::`, which accepts IPv4 too. Without IPv6 it uses `0.0.0.0`. */
export const listen: Listen = async (text) => {
  const { host, port } = parseListenAddress(text);
  const server = createServer({ noDelay: true });
  try {
    server.listen(host === undefined ? { port, backlog } : { host, port, backlog });
    await once(server, 'listening');
  } catch (cause) {
    throw cannotListen(text, cause);
  }
  // A connection that could not be accepted must not end this program.
  server.on('error', () => {});
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw cannotListen(text, undefined);
  return {
    address: `${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    serve: async (onConnection) => void server.on('connection', onConnection),
    close: () => void server.close(),
  };
};
