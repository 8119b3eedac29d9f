import type { Obstacle } from './platform.ts';

/** Bytes of a file that {@link findFormatObstacle} wants to see, from its start. */
export const headerLength = 64;

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

/** By `process.arch`: what the machine runs, and whose 32-bit programs its kernel may be built to run. */
const hosts: Readonly<Partial<Record<NodeJS.Architecture, { name: string; compatible: string }>>> = {
  x64: { name: 'amd64', compatible: '386' },
  arm64: { name: 'arm64', compatible: 'arm' },
};

/**
 * Judges a program by its first bytes, as execve(2) does: an ELF file must be for this machine, a script
 * begins with `#!`. Any other format is only doubtful, as the node may have a handler for it (binfmt_misc).
 */
export function findFormatObstacle(
  path: string,
  header: Buffer,
  arch: NodeJS.Architecture = process.arch,
): Obstacle | undefined {
  if (header.length === 0)
    return { fatal: true, text: `${path} is empty; look at the file it was copied from` };
  if (header.toString('latin1', 0, 2) === '#!') return undefined;
  if (header.toString('latin1', 0, 4) !== '\x7fELF') {
    return { fatal: false, text: `${path} is neither an ELF program nor a script that begins with #!` };
  }
  if (header.length < headerLength) {
    return {
      fatal: true,
      text: `${path} is cut short (${header.length} bytes); look at the file it was copied from`,
    };
  }
  const host = hosts[arch];
  const program = architecture(header);
  if (host === undefined || program === host.name) return undefined;
  return {
    fatal: program !== host.compatible,
    text: `${path} is a program for ${program} on ${host.name}; use an image for linux/${host.name}`,
  };
}

/** elf(5): class at byte 4 (2: 64 bits), byte order at 5 (2: big endian), machine at 18. */
function architecture(header: Buffer): string {
  const machine = header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18);
  const bits = header[4] === 2 ? 64 : 32;
  const name = machines[machine] ?? `ELF machine ${machine}`;
  const expected = name === '386' || name === 'arm' ? 32 : 64;
  return bits === expected ? name : `${name} with ${bits} bits`;
}
