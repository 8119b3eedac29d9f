import { toBuffer } from 'node:ffi';

/** Copies memory of this process, and overwrites it with zeros. */
export function takeMemory(address: bigint, size: number): Buffer {
  const copies = true;
  const taken = toBuffer(address, size, copies);
  toBuffer(address, size, !copies).fill(0);
  return taken;
}
