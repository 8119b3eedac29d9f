import { closeSync, fstatSync, readSync } from 'node:fs';
import { Environment } from '../environment.ts';
import { tellGuard } from '../syscall/linux/guard.ts';
import type { Handoff, TakeHandoff } from './handoff.ts';

/**
 * The launcher has left the environment in a memory file. Without a launcher, `variables` is the container's
 * environment.
 */
export const takeHandoff: TakeHandoff = (variables) => {
  const note = variables.LAUNCHER_HANDOFF;
  if (note === undefined) {
    return { environment: Environment.fromObject(variables), ignoredSignals: 0n, openFiles: undefined };
  }
  tellGuard('startIsOver');
  delete variables.LAUNCHER_HANDOFF;
  const match = /^environ=(\d+) ignored=([0-9a-f]{16}) nofile=(\d+):(\d+)$/.exec(note);
  if (match === null) {
    throw new Error('the launcher left a note that this program does not understand');
  }
  const [, fd, ignored, soft, hard] = match;
  return {
    environment: Environment.fromBlock(readAndClose(Number(fd))),
    ignoredSignals: BigInt(`0x${ignored}`),
    openFiles: parseLimit(BigInt(soft ?? 0), BigInt(hard ?? 0)),
  };
};

/** The launcher writes these two values if it could not read the limit. They cannot be a real limit. */
function parseLimit(soft: bigint, hard: bigint): Handoff['openFiles'] {
  return soft === 2n ** 64n - 1n && hard === 0n ? undefined : { soft, hard };
}

function readAndClose(fd: number): Buffer {
  const block = Buffer.alloc(fstatSync(fd).size);
  for (let offset = 0; offset < block.length; ) {
    const count = readSync(fd, block, offset, block.length - offset, offset);
    if (count === 0) {
      break;
    }
    offset += count;
  }
  closeSync(fd);
  return block;
}
