import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/**
 * Makes undici use one connection and no other. By itself it connects again when a connection ends before the
 * request was written, as often as that happens; here whoever counts attempts has to know.
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
