import type { Writable } from 'node:stream';
import type { FdWriter } from './fd-writer.ts';

/**
 * Sends Node's own messages on stderr, such as warnings, through `writer`. Node's process.stderr sets
 * O_NONBLOCK on a pipe at its first use, and node:net uses it whenever a socket closes. The job's programs
 * may share that pipe, and they would lose output.
 */
export function replaceNodeStderr(writer: FdWriter): void {
  let stream: Writable | undefined;
  Object.defineProperty(process, 'stderr', { configurable: true, get: () => (stream ??= streamTo(writer)) });
}

function streamTo(writer: FdWriter): Writable {
  // Node has loaded this module by now. An import would load it at the start of the process.
  const { Writable } = process.getBuiltinModule('node:stream');
  return new Writable({
    write(chunk, _encoding, done) {
      writer.write(chunk);
      done();
    },
  });
}
