import { releaseHeldSignals } from '#platform/internal/syscall/this-process';

/** When to end, and how soon. */
export interface Stop {
  /** Aborts when no more tasks are to be claimed. */
  readonly draining: AbortSignal;
  /** Aborts when this process is to leave its running tasks and end. */
  readonly ending: AbortSignal;
}

/** Listens for SIGTERM and SIGINT: the first begins the drain, the second ends it. */
export function listenForStop(): Stop {
  const draining = new AbortController();
  const ending = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    if (draining.signal.aborted) ending.abort(new Error(`a second signal came: ${signal}`));
    else draining.abort(new Error(`${signal} came`));
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  releaseHeldSignals();
  return { draining: draining.signal, ending: ending.signal };
}
