import type { Environment } from '../environment.ts';

/** The state of the process before Node's start changed it. */
export interface Handoff {
  /** The container's environment, including the configuration. */
  readonly environment: Environment;
  /** The signals that were ignored at start, bit n-1 for signal n. */
  readonly ignoredSignals: bigint;
  /** RLIMIT_NOFILE at start (Node raises the soft limit to the hard one), or undefined if it is not known. */
  readonly openFiles: { readonly soft: bigint; readonly hard: bigint } | undefined;
}

/**
 * Reads the state from before Node's start. Call it once.
 *
 * @param variables the process's own environment. The launcher's variables are removed from it
 * @param secret a variable of the container that is also removed from `variables`. The handoff has it
 * @throws Error if the launcher's note cannot be read
 */
export type TakeHandoff = (variables: NodeJS.ProcessEnv, secret: string) => Handoff;
