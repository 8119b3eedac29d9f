/** The sum of all words, and the sum of the first sum after each word, both modulo 2^64. */
export type Checksum = readonly [words: bigint, sums: bigint];

/** Fletcher's checksum over little-endian 64-bit words, the last one padded with zeros. checksum.c has the same. */
export function checksum(bytes: Buffer): Checksum {
  const words = Math.ceil(bytes.length / 8);
  const padded = Buffer.alloc(words * 8);
  bytes.copy(padded);
  let first = 0n;
  let second = 0n;
  for (let at = 0; at < padded.length; at += 8) {
    first = BigInt.asUintN(64, first + padded.readBigUInt64LE(at));
    second = BigInt.asUintN(64, second + first);
  }
  return [first, second];
}
