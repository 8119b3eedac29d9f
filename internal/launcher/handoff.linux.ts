import { Environment } from '../environment.ts';
import { tellGuard } from '../syscall/linux/guard.ts';
import { takeMemory } from '../syscall/linux/memory.ts';
import type { Handoff, TakeHandoff } from './handoff.ts';

/**
 * The launcher has left the environment in memory. Without a launcher, `variables` is the container's
 * environment.
 */
export const takeHandoff: TakeHandoff = (variables) => {
  const note = variables.LAUNCHER_HANDOFF;
  if (note === undefined)
    return { environment: Environment.fromObject(variables), ignoredSignals: 0n, openFiles: undefined };
  tellGuard('startIsOver');
  delete variables.LAUNCHER_HANDOFF;
  const match = /^environ=(\d+):(\d+) ignored=([0-9a-f]{16}) nofile=(\d+):(\d+)$/.exec(note);
  if (match === null) throw new Error('the launcher left a note that this program does not understand');
  const [, address, size, ignored, soft, hard] = match;
  return {
    environment: Environment.fromBlock(takeEnvironment(BigInt(address ?? 0), Number(size))),
    ignoredSignals: BigInt(`0x${ignored}`),
    openFiles: parseLimit(BigInt(soft ?? 0), BigInt(hard ?? 0)),
  };
};

/** The launcher writes these two values if it could not read the limit. They cannot be a real limit. */
function parseLimit(soft: bigint, hard: bigint): Handoff['openFiles'] {
  return soft === 2n ** 64n - 1n && hard === 0n ? undefined : { soft, hard };
}

function takeEnvironment(address: bigint, size: number): Buffer {
  return size === 0 ? Buffer.alloc(0) : takeMemory(address, size);
}
