import type { ChildEnd } from '../../internal/child-end.ts';
import type { Environment } from '../../internal/environment.ts';
import { Failure } from '../../internal/failure.ts';
import type { Handoff } from '../../internal/launcher/handoff.ts';
import type { Logger } from '../../internal/log/logger.ts';
import type { FdWriter } from '../../internal/output/fd-writer.ts';
import type { SecretMask } from '../../internal/secrets/secret-mask.ts';
import { taskKinds } from '../failure-kinds.ts';
import type { ContainerMemory } from '../memory/container-memory.ts';
import type { KeptOutput } from './kept-output.ts';

/** The user that a child runs as. */
export interface User {
  readonly uid: number;
  readonly gid: number;
  /** The supplementary groups, by id. */
  readonly groups: readonly number[];
  readonly home: string;
}

/** The program to start, its environment and its user. */
export interface ChildSpec {
  /** The command and its arguments. A command without a slash is searched along the environment's PATH. */
  readonly argv: readonly string[];
  readonly environment: Environment;
  /** The user that it runs as. Undefined: the user does not change. */
  readonly user?: User | undefined;
  /** The text for its stdin, which is then closed. Undefined: stdin is the null device. */
  readonly stdin?: string | undefined;
}

/** A started process, with the process group that it leads. */
export interface Child {
  readonly pid: number;
  /** Resolves once the program itself runs. @throws StartError if it cannot be executed */
  readonly started: Promise<void>;
  /** Resolves when the process itself has ended, even if others still hold its pipes. */
  readonly ended: Promise<ChildEnd>;
  /** The beginning and the end of its stderr so far. */
  readonly stderr: KeptOutput;
  /** Sends a signal to its process group. It has no effect once the group is empty. */
  signal(signal: number): void;
  /** Whether it may get no signal from here, because it runs as another user. */
  isOutOfReach(): boolean;
  /** Waits until its process group is empty, for `limitMs` at most. */
  groupGone(limitMs: number): Promise<void>;
  /** Waits until all of its stderr is read, for `limitMs` at most. */
  drain(limitMs: number): Promise<void>;
}

/** A child that could not be started. The message has the command and the reason. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const programs = { 'entrypoint-start': 'The custom entrypoint', 'agent-start': 'The task agent' } as const;

/** The failure of one of the task's two programs to start. @param error usually a {@link StartError} */
export function startFailure(code: keyof typeof programs, error: unknown): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  return new Failure(taskKinds[code], `${programs[code]} could not be started: ${reason}`, { cause: error });
}

/**
 * The parts of this process that a task's children need: the writers that output passes through, and more.
 */
export interface ParentProcess {
  readonly handoff: Handoff;
  readonly stdout: FdWriter;
  readonly stderr: FdWriter;
  readonly logger: Logger;
  /** Masks secrets in {@link Child.stderr}. */
  readonly mask: SecretMask;
  /** The container's, if it is known. */
  readonly memory: ContainerMemory | undefined;
}

/**
 * What is left of a task's processes. `forbidden`: only processes that may not be killed from here, as they belong to
 * another user. `unkillable`: a process that does not die, for example in uninterruptible sleep.
 */
export type Remainder = 'none' | 'forbidden' | 'unkillable';

/** Makes the processes of this platform. It does not start or reap any yet. */
export type CreateProcesses = (parent: ParentProcess) => Processes;

/** Everything that a task needs from the operating system. */
export interface Processes {
  /** Calls back for these signals, or for all that are passed on. Earlier signals arrive first. */
  listen(onSignal: (signal: number) => void, signals?: Iterable<number>): void;
  /** A termination signal that came before anything listens. */
  pendingTermination(): number | undefined;
  /** Starts to adopt and reap orphans. */
  startReaping(): void;
  /** Lets this process, but not its children, survive if memory runs out. Most containers lack the right to do that. */
  avoidOomKiller(): void;
  /**
   * The user to switch to for a task's user setting. Undefined: the user does not change.
   *
   * @throws Failure 'user'
   */
  findUser(setting: string): User | undefined;
  /** The environment with the program's directory at the end of its search path, if the program has one. */
  extendSearchPath(environment: Environment, program: string): Environment;
  /**
   * @throws StartError if no process can be made, or after {@link shutDown}
   */
  start(spec: ChildSpec): Child;
  /**
   * Kills the process groups of all children, then every other adopted process, and waits until none is left, or none
   * that may be killed, for `limitMs` at most. Nothing can be started after this call. A further call has the same
   * result.
   */
  shutDown(limitMs: number): Promise<Remainder>;
  /** The number of adopted processes that were reaped. */
  readonly orphansReaped: number;
}
