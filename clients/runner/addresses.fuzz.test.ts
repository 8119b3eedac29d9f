import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBaseUrl } from './base-url.ts';
import { bypassesProxy } from './no-proxy.ts';
import { RunnerApiError } from './runner-api-error.ts';

const hidden = fc.stringMatching(/^[A-Z]{12,20}$/);

test('a base URL is split, or refused in one line, and its credentials never show', () => {
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

test('any NO_PROXY is read without a fault, and what it names is not proxied', () => {
  const entries = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.ipV4(), fc.ipV6(), fc.domain()));
  fc.assert(
    fc.property(entries, fc.domain(), fc.ipV4(), (others, name, address) => {
      for (const host of [name, address]) {
        const target = new URL(`https://${host}/`);
        const noProxy = [...others.map((entry) => entry.replaceAll(',', '')), host].join();
        expect(bypassesProxy(target, noProxy)).toBe(true);
        expect(typeof bypassesProxy(target, others.join())).toBe('boolean');
      }
    }),
  );
});
