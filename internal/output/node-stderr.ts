import type { Writable } from 'node:stream';
import type { FdWriter } from './fd-writer.ts';

/**
 * From here on what Node itself has to say, such as a warning, goes through `writer`. Its own process.stderr would set
 * O_NONBLOCK on a pipe when anything first looks at it, as node:net does whenever it closes a socket, and the job has
 * that pipe too where stdout and stderr are one: its programs would lose output.
 */
export function replaceNodeStderr(writer: FdWriter): void {
  let stream: Writable | undefined;
  Object.defineProperty(process, 'stderr', { configurable: true, get: () => (stream ??= streamTo(writer)) });
}

function streamTo(writer: FdWriter): Writable {
  // Node has loaded it by the time that anybody looks; importing it would have it loaded when this process starts.
  const { Writable } = process.getBuiltinModule('node:stream');
  return new Writable({
    write(chunk, _encoding, done) {
      writer.write(chunk);
      done();
    },
  });
}
