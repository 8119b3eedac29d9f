#pragma once

#include "syscalls.h"

/* The stack that execve(2) leaves. */
struct start_state {
  uint64_t argc;
  char **argv, **envp;
  uint64_t *auxv; /* getauxval(3): pairs of type and value, ended by AT_NULL */
};

void parse_start_state(uint64_t *stack, struct start_state *state);
uint64_t auxiliary_value(const struct start_state *state, uint64_t type); /* 0 if there is none */
