import { expect, test } from 'vitest';
import { TlsContexts } from './tls-contexts.ts';

test('a handshake that fails has the next one use other keys, until one has succeeded', () => {
  const contexts = new TlsContexts([]);
  const first = contexts.next();
  first.onFailure();
  const second = contexts.next();
  expect(second.secureContext).not.toBe(first.secureContext);
  second.onFailure();
  expect(contexts.next().secureContext).toBe(first.secureContext);
  second.onSuccess();
  contexts.next().onFailure();
  expect(contexts.next().secureContext).toBe(second.secureContext);
});
