/* The one function that JavaScript calls: binding each step by itself would take time at every start. */

#include "guard.h"

#include "c-library.h"

EXPORTED int guard_step(int step);

/* Returns 0 or -errno. */
int guard_step(int step) {
  switch ((enum guard_step)step) {
    case GUARD_START_IS_OVER: end_start(); return 0;
    case GUARD_RELEASE_SIGNALS: release_signals(); return 0;
    case GUARD_TRIM_MEMORY: trim_memory(); return 0;
    case GUARD_WATCH_MEMORY: return (int)watch_memory();
    case GUARD_JAVASCRIPT_RUNS: note_javascript_runs(); return 0;
  }
  return 0;
}
