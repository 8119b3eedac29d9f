import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { KeptOutput } from './kept-output.ts';

function keep(
  output: string | Buffer,
  secrets: string[] = [],
  chunkBytes = Number.POSITIVE_INFINITY,
): string {
  const kept = new KeptOutput(new SecretMask(secrets));
  const bytes = Buffer.from(output);
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    kept.add(bytes.subarray(start, start + chunkBytes));
  }
  return kept.toString();
}

/** Text in which every piece of a few bytes occurs only once. */
function numbered(bytes: number): string {
  return Array.from({ length: bytes }, (_, index) => String(index).padStart(5, '0'))
    .join('')
    .slice(0, bytes);
}

describe('how much is shown', () => {
  test('nothing for no output', () => {
    expect(keep('')).toBe('');
  });

  test.each([1, 159, 160, 161, 319, 320])('all of %d bytes', (size) => {
    expect(keep(numbered(size))).toBe(numbered(size));
  });

  test.each([321, 322, 480, 1000, 100_000])('both ends of %d bytes, and the number left out', (size) => {
    const output = numbered(size);
    expect(keep(output)).toBe(
      `${output.slice(0, 160)}\n... ${size - 320} bytes left out ...\n${output.slice(-160)}`,
    );
  });

  test.each([1, 7, 159, 160, 161, 320, 1024])('the same whatever the chunks: %d bytes each', (chunkBytes) => {
    for (const size of [160, 320, 321, 350, 700, 3000]) {
      expect(keep(numbered(size), ['secret'], chunkBytes)).toBe(keep(numbered(size), ['secret']));
    }
  });

  test('blank ends are cut off', () => {
    expect(keep('\n\n  error: no space\n\n')).toBe('error: no space');
  });

  test('more output can be added after it was shown', () => {
    const kept = new KeptOutput(new SecretMask());
    kept.add(Buffer.from('one '));
    expect(kept.toString()).toBe('one');
    kept.add(Buffer.from('two'));
    expect(kept.toString()).toBe('one two');
  });

  test('a chunk may be changed by its owner afterwards', () => {
    for (const size of [10, 200, 5000]) {
      const kept = new KeptOutput(new SecretMask());
      const chunk = Buffer.alloc(size, 'a');
      kept.add(chunk);
      chunk.fill('b');
      expect(kept.toString()).not.toContain('b'.repeat(2));
    }
  });
});

describe('UTF-8', () => {
  test.each(['é', '€', '😀'])('%s is left out if the border cuts it', (character) => {
    for (let shift = 0; shift < 4; shift++) {
      const output = `${'.'.repeat(shift)}${character.repeat(400)}${'.'.repeat(shift)}`;
      const [head, , tail] = keep(output).split('\n');
      expect(head).toMatch(new RegExp(`^\\.{${shift}}(${character})+$`, 'u'));
      expect(tail).toMatch(new RegExp(`^(${character})+\\.{${shift}}$`, 'u'));
    }
  });

  test('is not broken by chunks', () => {
    expect(keep('grüße 😀', [], 1)).toBe('grüße 😀');
  });

  test('bytes that are not UTF-8 show as U+FFFD', () => {
    expect(keep(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb');
  });

  test('bytes at the borders that are not UTF-8 do no harm', () => {
    expect(keep(Buffer.alloc(500, 0x80))).toContain('\n... 180 bytes left out ...\n');
  });
});

describe('a secret', () => {
  const secret = 'Sesame-open-4711';

  test('is hidden every time it comes', () => {
    expect(keep(`a ${secret} b ${secret}`, [secret])).toBe(`a ${'*'.repeat(16)} b ${'*'.repeat(16)}`);
  });

  test('is hidden when it comes in pieces', () => {
    expect(keep(`a ${secret} b`, [secret], 1)).toBe(`a ${'*'.repeat(16)} b`);
  });

  test('with multi-byte characters is hidden', () => {
    expect(keep('a grüße b', ['grüße'])).toBe('a ******* b');
  });

  test('that contains another one is hidden', () => {
    expect(keep('token-long token', ['token', 'token-long'])).toBe('********** *****');
  });

  test('that is empty is ignored', () => {
    expect(keep('text', [''])).toBe('text');
  });

  const anyPiece = Array.from({ length: secret.length - 3 }, (_, index) => secret.slice(index, index + 4));
  const positions = fc.integer({ min: 0, max: 700 });

  test('shows no piece, wherever it stands and however the output is cut', () => {
    const chunks = fc.integer({ min: 1, max: 700 });
    fc.assert(
      fc.property(positions, positions, positions, chunks, (before, between, after, chunkBytes) => {
        const output = [before, between, after].map((size) => '.'.repeat(size)).join(secret);
        const shown = keep(output, [secret], chunkBytes);
        for (const piece of anyPiece) {
          expect(shown).not.toContain(piece);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('longer than the shown output is hidden', () => {
    const long = numbered(1000);
    expect(keep(`${'a'.repeat(150)}${long}${'b'.repeat(150)}`, [long])).toBe(
      `${'a'.repeat(150)}${'*'.repeat(10)}\n... 980 bytes left out ...\n${'*'.repeat(10)}${'b'.repeat(150)}`,
    );
  });
});

test('an endless output takes no more memory than its two ends', () => {
  const kept = new KeptOutput(new SecretMask(['secret']));
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const before = process.memoryUsage().arrayBuffers;
  const copies = 2000;
  for (let count = 0; count < copies; count++) {
    kept.add(chunk);
    kept.add(Buffer.from('y'));
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(copies * 1024);
  expect(kept.toString()).toContain(` ${copies * (chunk.length + 1) - 320} bytes left out `);
});
