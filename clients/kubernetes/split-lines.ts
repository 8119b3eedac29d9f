import { ByteCollector } from '../../internal/http/byte-collector.ts';

/**
 * The lines of a stream, without their line feeds. The last line may have none.
 *
 * @param longest a longer line comes in pieces, each at least this long, bytes
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Buffer> {
  const begun = new ByteCollector();
  /** Joins the beginning of a line with the rest. A line in one chunk is not copied. */
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
