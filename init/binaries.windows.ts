import { closeSync, openSync, readSync } from 'node:fs';
import type { Binaries } from './binaries.ts';

const headerLength = 4096;

/** Machine numbers of the PE format. Windows on arm64 also runs x64 programs. */
const machines: Readonly<Record<number, string>> = { 332: '386', 34404: 'amd64', 43620: 'arm64' };

export const binaries: Binaries = {
  // A copy instead of the link, because a symbolic link needs a privilege on Windows.
  copies: [
    { from: 'orchestrator.exe', to: 'orchestrator.exe' },
    { from: 'circleci-agent.exe', to: 'circleci-agent.exe' },
    { from: 'circleci-agent.exe', to: 'circleci.exe' },
  ],

  findObstacle(path) {
    const machine = peMachine(readHeader(path));
    if (machine === undefined)
      return { fatal: true, text: `${path} is not a Windows program; look at the image` };
    if (machine === 'amd64' || (machine === 'arm64' && process.arch === 'arm64')) return undefined;
    return {
      fatal: machine !== '386',
      text: `${path} is a program for ${machine}; use an image for windows/amd64`,
    };
  },
};

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(headerLength);
  const fd = openSync(path, 'r');
  try {
    return header.subarray(0, readSync(fd, header, 0, headerLength, 0));
  } finally {
    closeSync(fd);
  }
}

/** Byte 60 of the DOS header has the offset of the PE header: a signature of four bytes, then the machine. */
function peMachine(header: Buffer): string | undefined {
  if (header.length < 64 || header.toString('latin1', 0, 2) !== 'MZ') return undefined;
  const offset = header.readUInt32LE(60);
  if (offset + 6 > header.length || header.toString('latin1', offset, offset + 4) !== 'PE\0\0')
    return undefined;
  const machine = header.readUInt16LE(offset + 4);
  return machines[machine] ?? `PE machine ${machine}`;
}
