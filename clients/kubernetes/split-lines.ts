import { ByteCollector } from '../../internal/http/byte-collector.ts';

/**
 * The lines of a stream without their line feeds; the last one also if it has none.
 *
 * @param longest a line that is longer comes in pieces, each at least this long, bytes
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Buffer> {
  const begun = new ByteCollector();
  /** What has been begun, with more of it; bytes of which nothing has been begun are not copied. */
  const finish = (bytes: Buffer) => {
    if (begun.length === 0) return bytes;
    begun.add(bytes);
    return begun.take();
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      yield finish(chunk.subarray(start, end));
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    if (begun.length + rest.length >= longest) yield finish(rest);
    else begun.add(rest);
  }
  if (begun.length > 0) yield begun.take();
}
