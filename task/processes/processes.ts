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

/** Who a child runs as. */
export interface User {
  readonly uid: number;
  readonly gid: number;
  /** The supplementary groups, by id. */
  readonly groups: readonly number[];
  readonly home: string;
}

/** What to start, and as whom. */
export interface ChildSpec {
  /** The command and its arguments; the command is looked up along the environment's PATH unless it has a slash. */
  readonly argv: readonly string[];
  readonly environment: Environment;
  /** Whom to run it as; undefined: no switch. */
  readonly user?: User | undefined;
  /** Written to its stdin, which is then closed; undefined: the null device. */
  readonly stdin?: string | undefined;
}

/** A process that was started, with the group that it leads. */
export interface Child {
  readonly pid: number;
  /** Resolves once the program itself runs. @throws StartError when it cannot be executed */
  readonly started: Promise<void>;
  /** Resolves when the process itself has ended, whoever still holds its pipes. */
  readonly ended: Promise<ChildEnd>;
  /** The beginning and the end of what it wrote to stderr so far. */
  readonly stderr: KeptOutput;
  /** Sends a signal to its process group; without effect once nobody is left in it. */
  signal(signal: number): void;
  /** Waits until nobody is left in its process group, for `limitMs` at most. */
  groupGone(limitMs: number): Promise<void>;
  /** Waits until all that was written to its stderr is read, for `limitMs` at most. */
  drain(limitMs: number): Promise<void>;
}

/** A child that could not be started; the message says which command and why. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const programs = { 'entrypoint-start': 'The custom entrypoint', 'agent-start': 'The task agent' } as const;

/** Why one of the task's two programs does not run. @param error most often a {@link StartError} */
export function startFailure(code: keyof typeof programs, error: unknown): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  return new Failure(taskKinds[code], `${programs[code]} could not be started: ${reason}`, { cause: error });
}

/** What the children of a task get of this process; their output goes where it says, as far as it passes through. */
export interface ParentProcess {
  readonly handoff: Handoff;
  readonly stdout: FdWriter;
  readonly stderr: FdWriter;
  readonly logger: Logger;
  /** What may not show in {@link Child.stderr}. */
  readonly mask: SecretMask;
  /** The container's, if it is known. */
  readonly memory: ContainerMemory | undefined;
}

/** Makes the processes of this platform. Nothing is started yet, and nothing reaped. */
export type CreateProcesses = (parent: ParentProcess) => Processes;

/** What the life of a task needs of the operating system. */
export interface Processes {
  /** Calls back for these signals, or all that are to be passed on; signals that came earlier arrive first. */
  listen(onSignal: (signal: number) => void, signals?: Iterable<number>): void;
  /** A termination signal that came already, while nobody listens yet. */
  pendingTermination(): number | undefined;
  /** Adopts and reaps orphans from here on. */
  startReaping(): void;
  /** Whom to switch to for a task's user setting; undefined: nobody. @throws Failure 'user' */
  findUser(setting: string): User | undefined;
  /** The environment with the program's own directory at the end of its search path, if the program names one. */
  extendSearchPath(environment: Environment, program: string): Environment;
  /** @throws StartError when no process can be made, or after {@link shutDown} */
  start(spec: ChildSpec): Child;
  /**
   * Kills the process groups of all children, then every other process that was adopted, and waits until none is
   * left, for `limitMs` at most. From here on nothing can be started.
   *
   * @returns whether none is left
   */
  shutDown(limitMs: number): Promise<boolean>;
  /** How many adopted processes were reaped so far. */
  readonly orphansReaped: number;
}
