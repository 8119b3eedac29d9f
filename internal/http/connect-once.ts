import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/**
 * Lets undici use one connection only. By itself, undici connects again each time a connection ends before
 * the request is written. Here each connection has to count as an attempt.
 */
export function connectOnce(dial: () => Promise<Socket>): buildConnector.connector {
  let used = false;
  return (_options, done) => {
    if (used) return done(new Error('the connection was closed before the request was sent'), null);
    used = true;
    dial().then(
      (socket) => done(null, socket),
      (error: Error) => done(error, null),
    );
  };
}
