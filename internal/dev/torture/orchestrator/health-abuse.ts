import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Abuse } from './plan-disturbances.ts';

const request = 'GET /live HTTP/1.1\r\nHost: torture\r\n\r\n';

/** The behaviour of one connection. */
const manners: Readonly<Record<Abuse, (socket: Socket) => void>> = {
  flood: (socket) => void socket.write(request.repeat(20)),
  slowloris: (socket) => {
    let at = 0;
    const timer = setInterval(() => socket.write(request[at++ % request.length] ?? '.'), 50);
    socket.once('close', () => clearInterval(timer));
  },
  garbage: (socket) => void socket.write(Buffer.from([0x16, 3, 1, 0, 200, 0xff, 0, 13, 10, 13, 10])),
  'half-open': (socket) => void socket.end(),
  reset: (socket) => {
    socket.write(request);
    socket.resetAndDestroy();
  },
};

/** Opens this many bad connections and holds them for `holdMs` at most. Errors are expected. */
export async function abuseHealth(
  port: number,
  abuse: Abuse,
  connections: number,
  holdMs: number,
): Promise<void> {
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.once('connect', () => manners[abuse](socket));
    return socket;
  });
  await pause(holdMs);
  for (const socket of sockets) socket.destroy();
}

/**
 * Whether a probe gets the answer 200 within the time. 'gone' if nothing listens there, or if `over` says
 * that nothing has to.
 */
export async function probe(
  port: number,
  limitMs: number,
  over: AbortSignal,
): Promise<'live' | 'gone' | 'silent'> {
  const deadline = AbortSignal.timeout(limitMs);
  while (!deadline.aborted) {
    try {
      const signal = AbortSignal.any([deadline, over]);
      const response = await fetch(`http://127.0.0.1:${port}/live`, { signal });
      if (response.status === 200) return 'live';
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      const refused = cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
      if (refused || over.aborted) return 'gone';
    }
    await pause(20);
  }
  return over.aborted ? 'gone' : 'silent';
}
