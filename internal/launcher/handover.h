#pragma once

#include "image.h"
#include "start-state.h"

/*
 * Builds a stack like the kernel's below the current one, with private copies of the arguments and our own environment.
 * Then it starts the loader on this stack.
 */
_Noreturn void hand_over(struct start_state *state, const char *const environment[], const struct image *program,
                         const struct image *loader);
