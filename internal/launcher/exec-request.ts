import type { Environment } from '../environment.ts';

/** What the launcher, started as a child's first step, is to do before it executes the real program. */
export interface ExecRequest {
  readonly path: string;
  readonly argv: readonly string[];
  readonly environment: Environment;
  /** Dies with this process (prctl(2), PR_SET_PDEATHSIG). */
  readonly parentPid: number;
  readonly ignoredSignals: bigint;
  readonly openFiles?: { readonly soft: bigint; readonly hard: bigint } | undefined;
  readonly user?:
    | { readonly uid: number; readonly gid: number; readonly groups: readonly number[] }
    | undefined;
  readonly oomScoreAdj?: number | undefined;
}

/** The launcher's steps in their numbers of the status pipe, named for a message. */
export const execSteps = {
  request: 1,
  setgroups: 4,
  setgid: 5,
  setuid: 6,
  pdeathsig: 7,
  signals: 8,
  execve: 9,
} as const;

const magic = 0x31525847;
const headerBytes = 64;
const flagSwitchUser = 1;
const flagOomScoreAdj = 2;
const unlimited = 0xffff_ffff_ffff_ffffn;

/** Encodes the request as `struct exec_request` of the launcher: little endian, NUL-terminated strings behind it. */
export function encodeExecRequest(request: ExecRequest): Buffer {
  const groups = request.user?.groups ?? [];
  const head = Buffer.alloc(headerBytes + 4 * groups.length);
  const strings = [
    Buffer.from(request.path),
    ...request.argv.map((argument) => Buffer.from(argument)),
    ...request.environment.entries,
  ].flatMap((bytes) => [bytes, Buffer.alloc(1)]);
  const body = Buffer.concat(strings);

  head.writeUInt32LE(magic, 0);
  head.writeUInt32LE(head.length + body.length, 4);
  head.writeUInt32LE(
    (request.user === undefined ? 0 : flagSwitchUser) |
      (request.oomScoreAdj === undefined ? 0 : flagOomScoreAdj),
    8,
  );
  head.writeUInt32LE(request.user?.uid ?? 0, 12);
  head.writeUInt32LE(request.user?.gid ?? 0, 16);
  head.writeUInt32LE(groups.length, 20);
  head.writeInt32LE(request.oomScoreAdj ?? 0, 24);
  head.writeUInt32LE(request.parentPid, 28);
  head.writeBigUInt64LE(request.ignoredSignals, 32);
  head.writeBigUInt64LE(request.openFiles?.soft ?? unlimited, 40);
  head.writeBigUInt64LE(request.openFiles?.hard ?? 0n, 48);
  head.writeUInt32LE(request.argv.length, 56);
  head.writeUInt32LE(request.environment.entries.length, 60);
  groups.forEach((group, index) => {
    head.writeUInt32LE(group, headerBytes + 4 * index);
  });
  return Buffer.concat([head, body]);
}
