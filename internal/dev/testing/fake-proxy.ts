import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as sendRequest,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { type Listening, startListening } from './start-listening.ts';

export interface ProxiedRequest {
  readonly method: string;
  /** The request target: `host:port` of a CONNECT, or else an absolute URL. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

export interface FakeProxy extends Listening {
  readonly requests: readonly ProxiedRequest[];
}

export interface ProxyBehaviour {
  /** The port of this machine that every name is connected to. */
  readonly leadTo: number;
  readonly tls?: TlsOptions;
  /** The status of all answers. 0 closes the connection instead, -1 never answers. */
  readonly refuse?: number;
}

/**
 * Starts an HTTP proxy that connects every name to one port of this machine. So tests can use host names that
 * do not exist. Names of this machine itself never use a proxy.
 */
export async function startFakeProxy({ leadTo, tls, refuse }: ProxyBehaviour): Promise<FakeProxy> {
  const requests: ProxiedRequest[] = [];
  const note = ({ method = '', url: target = '', headers }: IncomingMessage) =>
    void requests.push({ method, target, headers });
  const server = tls ? createTlsServer(tls) : createServer();

  server.on('request', (incoming, response) => {
    note(incoming);
    if (refuse === -1) return;
    if (refuse === 0) return void incoming.socket.destroy();
    if (refuse) return void response.writeHead(refuse).end();
    const { pathname } = new URL(incoming.url ?? '');
    const { method, headers } = incoming;
    const onward = sendRequest(
      { host: '127.0.0.1', port: leadTo, path: pathname, method, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });

  server.on('connect', (incoming, socket) => {
    note(incoming);
    socket.on('error', () => socket.destroy());
    if (refuse === -1) return;
    if (refuse === 0) return void socket.destroy();
    if (refuse) return void socket.write(`HTTP/1.1 ${refuse} Refused\r\nContent-Length: 0\r\n\r\n`);
    const onward = connect(leadTo, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });

  server.on('tlsClientError', () => {});
  return { ...(await startListening(server)), requests };
}
