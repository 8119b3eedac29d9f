import type { Architecture } from './architecture.ts';
import type { Library } from './library.ts';

/** The instruction that loads the number of clone3, 435, for a system call. */
const number = { amd64: 'b8 b3 01 00 00', arm64: '68 36 80 d2' } as const;

/** How often the C library does that. Up to glibc 2.36, it does so only on x86-64. */
const places = { amd64: 1, arm64: 0 } as const;

/** The system call, which follows. `mov $-38, %rax`, the answer ENOSYS, replaces both. */
const call = '0f 05';
const answer = '48 c7 c0 da ff ff ff';

/**
 * Makes the C library create threads and processes only by clone(2), as it does anyway if the kernel lacks clone3(2).
 * Seccomp profiles from before clone3 answer it with another error, and then no thread could be created.
 *
 * @throws Error if the library does not call clone3 as often as expected. Then this was not written for it
 */
export function avoidClone3({ name, bytes }: Library, architecture: Architecture): void {
  const start = fromHex(number[architecture]);
  const found = findAll(bytes, start);
  if (found.length !== places[architecture])
    throw new Error(`${name} calls clone3 in ${found.length} places: is it another version?`);
  for (const place of found) {
    const next = bytes.subarray(place + start.length, place + fromHex(answer).length);
    if (!next.equals(fromHex(call)))
      throw new Error(`${name} has other instructions around clone3: is it another version?`);
    fromHex(answer).copy(bytes, place);
  }
}

function findAll(bytes: Buffer, part: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(part); at !== -1; at = bytes.indexOf(part, at + 1)) places.push(at);
  return places;
}

function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}
