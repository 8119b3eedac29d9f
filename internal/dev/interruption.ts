/** Aborts when this process is asked to end, so that it can first end everything that it has started. */
export function onInterruption(): AbortSignal {
  const end = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => end.abort(new Error(`interrupted by ${name}`)));
  }
  return end.signal;
}

/** Also aborts after this time, which only a hang exceeds. @param limitMs ms */
export function withLimit(limitMs: number, signal: AbortSignal): AbortSignal {
  const limit = new AbortController();
  setTimeout(
    () => limit.abort(new Error(`ended, as it took more than ${limitMs / 1000} s`)),
    limitMs,
  ).unref();
  return AbortSignal.any([signal, limit.signal]);
}
