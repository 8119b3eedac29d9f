import { expect, it } from 'vitest';
import { withoutSignature } from './pe.ts';

const peOffset = 128;
const entryOfCertificates = peOffset + 24 + 112 + 8 * 4;
const bodyBytes = 512;

function program(options: { magic?: number; signature?: Buffer; behind?: Buffer } = {}): Buffer {
  const { magic = 0x20b, signature = Buffer.alloc(0), behind = Buffer.alloc(0) } = options;
  const bytes = Buffer.alloc(bodyBytes, 0xcc);
  bytes.write('MZ', 0);
  bytes.writeUInt32LE(peOffset, 60);
  bytes.write('PE\0\0', peOffset);
  bytes.writeUInt16LE(magic, peOffset + 24);
  bytes.writeUInt32LE(signature.length === 0 ? 0 : bodyBytes, entryOfCertificates);
  bytes.writeUInt32LE(signature.length, entryOfCertificates + 4);
  return Buffer.concat([bytes, signature, behind]);
}

it('removes the signature, and leaves every other byte unchanged', () => {
  expect(withoutSignature(program({ signature: Buffer.alloc(80, 'signed') }))).toEqual(program());
});

it('leaves a program without a signature alone', () => {
  expect(withoutSignature(program())).toEqual(program());
});

it('does not change its input', () => {
  const signed = program({ signature: Buffer.alloc(8, 1) });
  withoutSignature(signed);
  expect(signed).toEqual(program({ signature: Buffer.alloc(8, 1) }));
});

it('refuses to cut a program in the middle', () => {
  const options = { signature: Buffer.alloc(80, 1), behind: Buffer.alloc(1) };
  expect(() => withoutSignature(program(options))).toThrow('not at the end');
});

it.each([
  ['an ELF file', Buffer.alloc(600, '\x7fELF')],
  ['a 32-bit program', program({ magic: 0x10b })],
  ['an empty file', Buffer.alloc(0)],
  ['the beginning of a program', program().subarray(0, entryOfCertificates)],
  ['a program whose header is said to be far away', Buffer.alloc(64, 'MZ\xff', 'latin1')],
])('refuses %s', (_title, bytes) => {
  expect(() => withoutSignature(bytes)).toThrow('this is not a 64-bit program for Windows');
});
