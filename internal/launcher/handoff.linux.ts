import { closeSync, fstatSync, readSync } from 'node:fs';
import { Environment } from '../environment.ts';

/** What the launcher noted before Node's own start-up could change it. */
export interface Handoff {
  /** The environment as the container had it, the configuration included. */
  readonly environment: Environment;
  /** The signals that were ignored at start, bit n-1 for signal n. */
  readonly ignoredSignals: bigint;
  /** RLIMIT_NOFILE at start (Node raises the soft limit to the hard one), or undefined if it was not noted. */
  readonly openFiles: { readonly soft: bigint; readonly hard: bigint } | undefined;
}

/**
 * Takes over what the launcher left, once: the descriptor with the environment is closed here.
 * Where no launcher ran (Windows, tests on plain Node) the process's own environment stands in.
 *
 * @throws Error if the launcher's note cannot be read
 */
export function takeHandoff(variables: NodeJS.ProcessEnv = process.env): Handoff {
  const note = variables.ORCHESTRATOR_HANDOFF;
  if (note === undefined) {
    return { environment: Environment.fromObject(variables), ignoredSignals: 0n, openFiles: undefined };
  }
  delete variables.ORCHESTRATOR_HANDOFF;
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
}

/** The launcher writes these two, which cannot be meant together, when it could not read the limit. */
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
