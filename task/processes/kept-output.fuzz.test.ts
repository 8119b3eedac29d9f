import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { KeptOutput } from './kept-output.ts';

const chunks = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 });
const shownBytes = 160;

function keep(parts: readonly Uint8Array[], secrets: readonly string[]): string {
  const output = new KeptOutput(new SecretMask(secrets));
  for (const part of parts) output.add(Buffer.from(part));
  return output.toString();
}

test('a secret never shows, wherever and in however many pieces it was written', () => {
  const secret = fc.stringMatching(/^[a-z0-9%"\\-]{16,300}$/);
  fc.assert(
    fc.property(
      secret,
      chunks,
      fc.array(fc.nat(1200), { minLength: 1, maxLength: 5 }),
      (token, noise, cuts) => {
        const hole = Buffer.concat(noise);
        const places = cuts.map((cut) => cut % (hole.length + 1)).sort((a, b) => a - b);
        const whole = Buffer.concat(
          [0, ...places].flatMap((from, index) => [
            hole.subarray(from, places[index] ?? hole.length),
            Buffer.from(index < places.length ? token : ''),
          ]),
        );
        const parts = [0, ...cuts].map((_, index, all) => {
          const size = Math.ceil(whole.length / all.length);
          return whole.subarray(index * size, (index + 1) * size);
        });
        const text = keep(parts, [token]);
        expect(text).not.toContain(token);
        // No piece of it shows where the output was cut.
        for (const piece of [token.slice(0, 8), token.slice(-8)]) expect(text).not.toContain(piece);
      },
    ),
  );
});

test('text begins and ends like the output, with the right number of omitted bytes', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,2000}$/), fc.nat(50), (written, secretLength) => {
      const text = keep([Buffer.from(written)], ['*'.repeat(secretLength)]);
      const [head = '', left, tail = ''] = text.split(/\n\.\.\. (\d+) bytes left out \.\.\.\n/);
      if (written.length <= 2 * shownBytes) expect(text).toBe(written);
      else {
        expect(head).toBe(written.slice(0, shownBytes));
        expect(tail).toBe(written.slice(-shownBytes));
        expect(Number(left)).toBe(written.length - 2 * shownBytes);
      }
    }),
  );
});
