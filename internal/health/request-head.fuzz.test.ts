import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '../failure.ts';
import { parseListenAddress } from './listen-address.ts';
import { parseRequestHead } from './request-head.ts';

const pieces = fc.constantFrom(
  'GET',
  ' ',
  '/live',
  ' HTTP/1.1',
  '\r\n',
  '\n',
  '\r',
  'Host: x',
  'http://a/',
  '\0',
  'é',
);
const bytes = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(pieces).map((list) => list.join('')),
);

test('a request that comes byte by byte is judged like one that comes at once', () => {
  fc.assert(
    fc.property(bytes, (text) => {
      const whole = parseRequestHead(text);
      for (let end = 0; end < text.length; end++) {
        const early = parseRequestHead(text.slice(0, end));
        // A verdict does not change, however much comes after it.
        if (early.kind !== 'incomplete') expect(whole).toEqual(early);
      }
    }),
  );
});

test('a request is found after blank lines, with any header', () => {
  const header = fc.array(fc.stringMatching(/^[A-Za-z-]{1,10}: [ -~]{0,20}$/));
  const target = fc.stringMatching(/^\/[!-~]{0,20}$/);
  fc.assert(
    fc.property(target, header, fc.nat(3), (path, fields, blank) => {
      const text = `${'\r\n'.repeat(blank)}GET ${path} HTTP/1.1\r\n${fields.map((f) => `${f}\r\n`).join('')}\r\n`;
      expect(parseRequestHead(text)).toEqual({ kind: 'request', method: 'GET', target: path });
    }),
  );
});

test('an address can be listened on, or is a usage error in one line', () => {
  const likely = fc.stringMatching(/^(\[?[0-9a-f:.]{0,20}\]?|[a-z.-]{0,20}):?[0-9]{0,6}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), likely), (text) => {
      try {
        const { host, port } = parseListenAddress(text);
        expect(port).toBeGreaterThanOrEqual(0);
        expect(port).toBeLessThanOrEqual(65_535);
        expect(host).not.toBe('');
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        expect(String(error)).not.toContain('\n');
      }
    }),
  );
});
