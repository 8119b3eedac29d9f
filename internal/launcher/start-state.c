#include "start-state.h"

#include <linux/auxvec.h>

void parse_start_state(uint64_t *stack, struct start_state *state) {
  state->argc = stack[0];
  state->argv = (char **)(stack + 1);
  state->envp = state->argv + state->argc + 1;
  char **end = state->envp;
  while (*end) end++;
  state->auxv = (uint64_t *)(end + 1);
}

uint64_t auxiliary_value(const struct start_state *state, uint64_t type) {
  for (const uint64_t *pair = state->auxv; pair[0] != AT_NULL; pair += 2) {
    if (pair[0] == type) return pair[1];
  }
  return 0;
}
