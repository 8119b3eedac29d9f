import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bypassesProxy } from './no-proxy.ts';

test('any NO_PROXY can be read, and hosts in it are not proxied', () => {
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
