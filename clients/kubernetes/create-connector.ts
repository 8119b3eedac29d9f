import { buildConnector } from 'undici';
import type { Credentials } from './credentials/credentials.ts';

// Requests that share a connection, as in HTTP/2, all hang if it falls silent, for as long as TCP retries: a quarter of
// an hour. A request with its own connection ends the connection when its time is up.
export const allowH2 = false;

/** Makes each new connection with the authorities that are trusted then. */
export function createConnector({ tls }: Credentials): buildConnector.connector {
  const { cert, key, insecure } = tls;
  const connectorFor = (ca: string | undefined) =>
    buildConnector({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      rejectUnauthorized: !insecure,
      keepAliveInitialDelay: 15_000,
      timeout: 10_000,
      allowH2,
    });
  let known: { readonly ca: string | undefined; readonly connect: buildConnector.connector } | undefined;
  const choose = async () => {
    const ca = await tls.ca();
    // Kept, as it knows the TLS sessions that can be resumed.
    if (known === undefined || known.ca !== ca) known = { ca, connect: connectorFor(ca) };
    return known.connect;
  };
  return (options, done) => {
    choose()
      .then((connect) => connect(options, done))
      .catch((error: Error) => done(error, null));
  };
}
