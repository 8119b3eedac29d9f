import type { Environment } from '../environment.ts';

/** What there was before Node's own start-up could change it. */
export interface Handoff {
  /** The environment as the container had it, the configuration included. */
  readonly environment: Environment;
  /** The signals that were ignored at start, bit n-1 for signal n. */
  readonly ignoredSignals: bigint;
  /** RLIMIT_NOFILE at start (Node raises the soft limit to the hard one), or undefined if it was not noted. */
  readonly openFiles: { readonly soft: bigint; readonly hard: bigint } | undefined;
}

/**
 * Takes over what was there before Node started, once.
 *
 * @param variables the process's own environment; what is for this program alone is taken out of it
 * @param secret the variable of the container that is taken out of `variables`, too; the handoff has it
 * @throws Error if the launcher's note cannot be read
 */
export type TakeHandoff = (variables: NodeJS.ProcessEnv, secret: string) => Handoff;
