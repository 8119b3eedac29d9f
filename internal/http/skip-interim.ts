import type { Socket } from 'node:net';

// The longest interim answer that is dropped. The parser gets longer ones.
const maxBytes = 16_384;

/**
 * Lets a connection drop the interim answers (1xx, but not 101) before the first final one. A client must
 * accept them even if it did not ask (RFC 9110, 15.2), and some servers and gateways send `100 Continue`
 * after any POST. undici treats that as an attack and closes the connection.
 */
export function skipInterim(socket: Socket): Socket {
  const read = socket.read.bind(socket);
  let held = Buffer.alloc(0);
  const filtered = (): Buffer | null => {
    const chunk: Buffer | null = read();
    if (chunk === null) return null;
    held = Buffer.concat([held, chunk]);
    for (let end = interimEnd(held); end > 0; end = interimEnd(held)) held = held.subarray(end);
    if (held.length < maxBytes && mayBeInterim(held)) return filtered();
    socket.read = read;
    return held;
  };
  socket.read = filtered;
  return socket;
}

function interimEnd(bytes: Buffer): number {
  const end = isInterim(bytes) ? bytes.indexOf('\r\n\r\n') : -1;
  return end === -1 ? 0 : end + 4;
}

function isInterim(bytes: Buffer): boolean {
  return /^HTTP\/1\.[01] 1(?!01)\d\d/.test(bytes.toString('latin1', 0, 12));
}

function mayBeInterim(bytes: Buffer): boolean {
  return isInterim(bytes) || (bytes.length < 12 && 'HTTP/1.1 1'.startsWith(bytes.toString('latin1', 0, 10)));
}
