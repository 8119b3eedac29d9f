import { ByteCollector } from '../../internal/http/byte-collector.ts';
import { isObject } from '../../internal/json.ts';
import { AnswerTooLongError } from './kubernetes-error.ts';

/**
 * Reads the body of an answer that is one JSON object.
 *
 * @returns the object, and the size of its text in bytes
 * @throws AnswerTooLongError if it has more than `maxBytes`, Error if it is no object, or the connection's error
 */
export async function readObject(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
): Promise<{ value: object; bytes: number }> {
  const bytes = new ByteCollector();
  for await (const chunk of body) {
    bytes.add(chunk);
    if (bytes.length > maxBytes) throw new AnswerTooLongError(`the answer has more than ${maxBytes} bytes`);
  }
  const text = bytes.take();
  return { value: parseObject(text.toString('utf8')), bytes: text.length };
}

/** The parser's message is not used: it quotes the text, which may be a Secret. */
function parseObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('the answer is not JSON; check what answers at that address');
  }
  if (isObject(value)) return value;
  throw new Error('the answer is not a JSON object');
}
