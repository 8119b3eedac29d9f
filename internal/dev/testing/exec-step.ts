import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempDisposableSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Environment } from '../../environment.ts';
import {
  decodeExecFailure,
  type ExecFailure,
  type ExecRequest,
  encodeExecRequest,
} from '../../launcher/exec-request.ts';
import { hostArchitecture } from '../../packer/architecture.ts';
import { launcherPath } from '../../packer/compile.ts';

export interface ExecStepResult {
  readonly stdout: string;
  readonly exitCode: number | null;
  /** The launcher's report of a failure. Undefined if the program was started. */
  readonly failure: ExecFailure | undefined;
}

/** A request to run a program with nothing special. */
export function execRequest(path: string, fields: Partial<ExecRequest> = {}): ExecRequest {
  return {
    path,
    argv: [path],
    environment: new Environment([]),
    parentPid: process.pid,
    ignoredSignals: 0n,
    ...fields,
  };
}

/** Starts the launcher in the way every child is started, and waits for the end of the program. */
export async function runExecStep(request: ExecRequest | Buffer): Promise<ExecStepResult> {
  const child = startExecStep(Buffer.isBuffer(request) ? request : encodeExecRequest(request));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [stdout, status] = await Promise.all([read(child.stdio[1]), read(child.stdio[4])]);
  return {
    stdout: stdout.toString('latin1'),
    exitCode: await exited,
    failure: decodeExecFailure(status),
  };
}

/** Adds two descriptors to those of the protocol. The program must not get them. */
export function startExecStep(request: Buffer): ChildProcess {
  const file = openRequest(request);
  try {
    return spawn(launcherPath('orchestrator', hostArchitecture()), [], {
      argv0: 'orchestrator-exec',
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore', file, 'pipe', 'pipe', 'inherit'],
      env: {},
    });
  } finally {
    closeSync(file);
  }
}

/** A descriptor from which the launcher can read the request. Its file has been unlinked. */
export function openRequest(request: Buffer): number {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'exec-step-'));
  writeFileSync(join(folder.path, 'request'), request);
  return openSync(join(folder.path, 'request'), 'r');
}

async function read(stream: unknown): Promise<Buffer> {
  if (!(stream instanceof Readable)) throw new Error('the descriptor is no pipe');
  return buffer(stream);
}
