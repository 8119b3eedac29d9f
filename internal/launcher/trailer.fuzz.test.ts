import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scratchFolder } from '../dev/testing/scratch-folder.ts';
import { formatTrailer } from '../packer/write-trailer.ts';
import { verifyPackedFile } from './trailer.ts';
import { trailerSize } from './trailer-layout.ts';

const content = fc.uint8Array({ minLength: 1, maxLength: 500 });

/** A file with these parts, one after the other. */
function pack(parts: readonly Uint8Array[]): Buffer {
  let offset = 0;
  const table = parts.map((part, index) => {
    const entry = {
      name: `part ${index}`,
      offset,
      size: part.length,
      crc32: crc32(part),
      kind: 'library',
    } as const;
    offset += part.length;
    return entry;
  });
  return Buffer.concat([...parts, formatTrailer(table, offset + trailerSize)]);
}

test('a packed file is intact', async () => {
  const file = join(scratchFolder(), 'packed');
  await fc.assert(
    fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 15 }), async (parts) => {
      writeFileSync(file, pack(parts));
      expect(await verifyPackedFile(file)).toBe('intact');
    }),
  );
});

test('a changed byte anywhere is found, and so is a file that was cut short', async () => {
  const file = join(scratchFolder(), 'packed');
  await fc.assert(
    fc.asyncProperty(content, fc.nat(), fc.integer({ min: 1, max: 255 }), async (part, place, change) => {
      const packed = pack([part]);
      const at = place % packed.length;
      packed[at] = (packed[at] ?? 0) ^ change;
      writeFileSync(file, packed);
      expect(await outcome(file)).not.toBe('intact');
      writeFileSync(file, pack([part]).subarray(0, at));
      expect(await outcome(file)).not.toBe('intact');
    }),
  );
});

function outcome(file: string): Promise<string> {
  return verifyPackedFile(file).catch((error: unknown) => {
    expect(String(error)).toMatch(/is incomplete or damaged: .*; copy it again$/);
    return 'damaged';
  });
}
