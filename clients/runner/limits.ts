/** Time limits and pauses, in ms. */
export interface Limits {
  /** For one attempt: connecting, sending, and the whole answer. */
  readonly attemptMs: number;
  /** For all attempts, including the last one, and the pauses between them. */
  readonly totalMs: number;
  readonly maxAttempts: number;
  /** The first pause, before jitter. Pauses double with each attempt. */
  readonly firstPauseMs: number;
  /** The longest pause, before jitter. */
  readonly longestPauseMs: number;
  /**
   * Whether nobody makes this call again later. Then a server that asks for a longer pause than the time that is left
   * gets one last attempt at the end of it.
   */
  readonly isLastChance?: boolean;
}

/** The limits of most calls. */
export const defaultLimits: Limits = {
  attemptMs: 5000,
  totalMs: 60_000,
  maxAttempts: Number.POSITIVE_INFINITY,
  firstPauseMs: 50,
  longestPauseMs: 2000,
};
