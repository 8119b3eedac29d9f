import type { Environment } from '../environment.ts';

/*
 * The messages between this program and exec-step.c. same-in-c.test.ts compares the numbers with those in C.
 */

/** The instructions to the launcher as a child's first step, before it executes the real program. */
export interface ExecRequest {
  readonly path: string;
  readonly argv: readonly string[];
  readonly environment: Environment;
  /** The child dies with this process (prctl(2), PR_SET_PDEATHSIG). */
  readonly parentPid: number;
  readonly ignoredSignals: bigint;
  readonly openFiles?: { readonly soft: bigint; readonly hard: bigint } | undefined;
  readonly user?:
    | { readonly uid: number; readonly gid: number; readonly groups: readonly number[] }
    | undefined;
  readonly oomScoreAdj?: number | undefined;
}

/** The launcher's steps that can fail: their numbers in the status pipe, and their names in messages. */
export const execSteps = {
  request: 1,
  setgroups: 4,
  setgid: 5,
  setuid: 6,
  pdeathsig: 7,
  signals: 8,
  execve: 9,
} as const;

/** Why the launcher has not executed the program. */
export interface ExecFailure {
  /** One of {@link execSteps}. */
  readonly step: number;
  readonly errno: number;
}

/** The bytes that the launcher writes to the status pipe on failure. */
export const execFailureBytes = 8;

/**
 * @returns undefined if the pipe was closed without a report. That means that the program runs
 */
export function decodeExecFailure(written: Buffer): ExecFailure | undefined {
  if (written.length < execFailureBytes) return undefined;
  return { step: written.readUInt32LE(0), errno: written.readUInt32LE(4) };
}

export const requestMagic = 0x31525847;

/** The offsets of the request's fields, in bytes. */
export const requestAt = {
  magic: 0,
  size: 4,
  flags: 8,
  uid: 12,
  gid: 16,
  groupCount: 20,
  oomScoreAdj: 24,
  parent: 28,
  ignoredSignals: 32,
  softOpenFiles: 40,
  hardOpenFiles: 48,
  argc: 56,
  envc: 60,
  groups: 64,
} as const;

export const requestFlags = { switchUser: 1, setOomScore: 2 } as const;

const groupBytes = 4;
const unlimited = 0xffff_ffff_ffff_ffffn;

/**
 * Encodes the request as the launcher's `struct request`: little endian, followed by NUL-terminated strings.
 */
export function encodeExecRequest(request: ExecRequest): Buffer {
  const strings = [
    Buffer.from(request.path),
    ...request.argv.map((argument) => Buffer.from(argument)),
    ...request.environment.entries,
  ].flatMap((bytes) => [bytes, Buffer.alloc(1)]);
  const groups = request.user?.groups ?? [];
  const head = Buffer.alloc(requestAt.groups + groupBytes * groups.length);
  const body = Buffer.concat(strings);
  writeHead(head, request, head.length + body.length);
  groups.forEach((group, index) => {
    head.writeUInt32LE(group, requestAt.groups + groupBytes * index);
  });
  return Buffer.concat([head, body]);
}

/** @param size of the whole request, bytes */
function writeHead(head: Buffer, request: ExecRequest, size: number): void {
  const { user, oomScoreAdj, openFiles } = request;
  const flags =
    (user === undefined ? 0 : requestFlags.switchUser) |
    (oomScoreAdj === undefined ? 0 : requestFlags.setOomScore);
  head.writeUInt32LE(requestMagic, requestAt.magic);
  head.writeUInt32LE(size, requestAt.size);
  head.writeUInt32LE(flags, requestAt.flags);
  head.writeUInt32LE(user?.uid ?? 0, requestAt.uid);
  head.writeUInt32LE(user?.gid ?? 0, requestAt.gid);
  head.writeUInt32LE(user?.groups.length ?? 0, requestAt.groupCount);
  head.writeInt32LE(oomScoreAdj ?? 0, requestAt.oomScoreAdj);
  head.writeUInt32LE(request.parentPid, requestAt.parent);
  head.writeBigUInt64LE(request.ignoredSignals, requestAt.ignoredSignals);
  head.writeBigUInt64LE(openFiles?.soft ?? unlimited, requestAt.softOpenFiles);
  head.writeBigUInt64LE(openFiles?.hard ?? 0n, requestAt.hardOpenFiles);
  head.writeUInt32LE(request.argv.length, requestAt.argc);
  head.writeUInt32LE(request.environment.entries.length, requestAt.envc);
}
