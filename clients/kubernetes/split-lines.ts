/** Longer lines are cut into pieces of this size, bytes: a watch event has an object of 3 MiB at most (etcd's limit twice over). */
const longestLine = 8 << 20;

/** The lines of a stream without their line feeds; the last one also if it has none. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let bytes = 0;
  const take = () => {
    const line = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    parts = [];
    bytes = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      bytes += chunk.length - start;
      if (bytes >= longestLine) yield take();
    }
  }
  if (parts.length > 0) yield take();
}
