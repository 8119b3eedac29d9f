import { ByteCollector } from '../../internal/http/byte-collector.ts';

/**
 * The lines of a stream without their line feeds; the last one also if it has none.
 *
 * @param longest a line that is longer comes in pieces, each at least this long, bytes
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Buffer> {
  const begun = new ByteCollector();
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      begun.add(chunk.subarray(start, end));
      yield begun.take();
      start = end + 1;
    }
    if (start < chunk.length) begun.add(chunk.subarray(start));
    if (begun.length >= longest) yield begun.take();
  }
  if (begun.length > 0) yield begun.take();
}
