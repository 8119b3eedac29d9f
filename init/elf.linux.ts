import { readProgramHeaders } from '../internal/program-headers.ts';
import type { Obstacle } from './binaries.ts';

/**
 * The bytes from the start of a file that {@link findFormatObstacle} needs. Linkers also put the program
 * headers there.
 */
export const headLength = 4096;

const headerLength = 64;

/** ELF machine numbers by the names that images and downloads use. */
const machines: Readonly<Record<number, string>> = {
  3: '386',
  21: 'ppc64le',
  22: 's390x',
  40: 'arm',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv64',
};

/**
 * By `process.arch`: the architecture that the machine runs, and the 32-bit one that its kernel may support
 * too.
 */
const hosts: Readonly<Partial<Record<NodeJS.Architecture, { name: string; compatible: string }>>> = {
  x64: { name: 'amd64', compatible: '386' },
  arm64: { name: 'arm64', compatible: 'arm' },
};

/**
 * Judges a program by its first bytes, as execve(2) does: an ELF file must be for this machine, a script
 * begins with `#!`. Any other format is only doubtful, because the node may have a handler for it
 * (binfmt_misc). The kernel also starts an ELF file that was cut short, but then the program dies by SIGBUS,
 * usually without a message.
 *
 * @param head the first {@link headLength} bytes, or all there are
 * @param fileSize bytes
 */
export function findFormatObstacle(
  path: string,
  head: Buffer,
  fileSize: number,
  arch: NodeJS.Architecture = process.arch,
): Obstacle | undefined {
  if (fileSize === 0) return { fatal: true, text: `${path} is empty; look at the file it was copied from` };
  if (head.toString('latin1', 0, 2) === '#!') return undefined;
  if (head.toString('latin1', 0, 4) !== '\x7fELF')
    return { fatal: false, text: `${path} is neither an ELF program nor a script that begins with #!` };
  if (head.length < headerLength) return cutShort(path, fileSize);
  const host = hosts[arch];
  if (host === undefined) return undefined;
  const program = architecture(head);
  if (program === host.name) return fileSize < loadedBytes(head) ? cutShort(path, fileSize) : undefined;
  return {
    fatal: program !== host.compatible,
    text: `${path} is a program for ${program} on ${host.name}; use an image for linux/${host.name}`,
  };
}

function cutShort(path: string, fileSize: number): Obstacle {
  return {
    fatal: true,
    text: `${path} is cut short (${fileSize} bytes); look at the file it was copied from`,
  };
}

/** The minimum length of a 64-bit program's file, according to its head. */
function loadedBytes(head: Buffer): number {
  const { loaded, end } = readProgramHeaders(head);
  return Math.max(end, ...loaded.map(({ offset, size }) => offset + size));
}

/** elf(5): class at byte 4 (2: 64 bits), byte order at 5 (2: big endian), machine at 18. */
function architecture(head: Buffer): string {
  const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
  const bits = head[4] === 2 ? 64 : 32;
  const name = machines[machine] ?? `ELF machine ${machine}`;
  const expected = name === '386' || name === 'arm' ? 32 : 64;
  return bits === expected ? name : `${name} with ${bits} bits`;
}
