/* The one function that JavaScript calls: binding each step by itself would take time at every start. */

#include "guard.h"

#include "c-library.h"

EXPORTED void guard_step(int step);

void guard_step(int step) {
  switch ((enum guard_step)step) {
    case GUARD_START_IS_OVER: end_start(); break;
    case GUARD_RELEASE_SIGNALS: release_signals(); break;
    case GUARD_TRIM_MEMORY: trim_memory(); break;
  }
}
