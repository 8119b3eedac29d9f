#pragma once

#include <stdint.h>

/* What JavaScript tells the guard to do: guard.ts has the same numbers. */
enum guard_step {
  GUARD_START_IS_OVER = 1,
  GUARD_RELEASE_SIGNALS = 2,
  GUARD_TRIM_MEMORY = 3,
  GUARD_WATCH_MEMORY = 4,
  GUARD_JAVASCRIPT_RUNS = 5,
};

void end_start(void);
void release_signals(void);
void trim_memory(void);
long watch_memory(void);
void note_javascript_runs(void);
