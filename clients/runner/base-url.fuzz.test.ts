import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBaseUrl } from './base-url.ts';
import { RunnerApiError } from './runner-api-error.ts';

const hidden = fc.stringMatching(/^[A-Z]{12,20}$/);

test('a base URL is split, or refused in one line, and its credentials are never shown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.webUrl(), fc.string({ unit: 'binary' })), hidden, (url, password) => {
      for (const text of [url, url.replace('://', `://user:${password}@`), `${url}?token=${password}`]) {
        try {
          const { origin, prefix } = parseBaseUrl(text);
          expect(origin).toMatch(/^https?:\/\/[^/]+$/);
          expect(prefix).not.toMatch(/\/$/);
          expect(origin + prefix).not.toContain(password);
        } catch (error) {
          expect(error).toBeInstanceOf(RunnerApiError);
          expect(String(error)).not.toMatch(new RegExp(`\\n|${password}`));
        }
      }
    }),
  );
});
