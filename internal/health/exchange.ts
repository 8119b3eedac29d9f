import type { Socket } from 'node:net';
import { parseRequestHead, type RequestHead } from './request-head.ts';
import { badRequest, type HealthResponse, headTooLarge, serialize } from './responses.ts';

const maxHeadBytes = 8192;
/**
 * The most bytes to read of a body or of further requests. They are read so the client gets its answer, not a
 * reset.
 */
const maxDiscardedBytes = 64 * 1024;

/**
 * Reads one request from the connection, answers it and ends the sending side. Later bytes are dropped, and
 * beyond a limit they are not read. The caller has to end connections that take too long.
 */
export function serveOneRequest(
  socket: Socket,
  answer: (method: string, target: string) => Promise<HealthResponse>,
): void {
  let text = '';
  let answered = false;
  let discarded = 0;

  async function read(chunk: Buffer): Promise<void> {
    // One byte more than allowed, to see that there was more.
    text += chunk.toString('latin1', 0, maxHeadBytes + 1 - text.length);
    const head = parseRequestHead(text);
    if (head.kind === 'incomplete' && text.length <= maxHeadBytes) return;
    answered = true;
    text = '';
    const method = head.kind === 'request' ? head.method : '';
    socket.end(serialize(await responseTo(head, answer), method, new Date()));
  }

  socket.on('data', (chunk: Buffer) => {
    if (!answered) {
      void read(chunk);
      return;
    }
    discarded += chunk.length;
    if (discarded > maxDiscardedBytes) socket.pause();
  });
  // The client has reset the connection, so an answer is not possible.
  socket.on('error', () => {});
}

async function responseTo(
  head: RequestHead,
  answer: (method: string, target: string) => Promise<HealthResponse>,
): Promise<HealthResponse> {
  if (head.kind === 'request') return answer(head.method, head.target);
  return head.kind === 'malformed' ? badRequest : headTooLarge;
}
