#pragma once

#include "image.h"
#include "start-state.h"

/*
 * Builds a stack like the kernel's, with private copies of the arguments and an environment of our own, below the
 * present one, and starts the loader on it.
 */
_Noreturn void hand_over(struct start_state *state, const char *const environment[], const struct image *program,
                         const struct image *loader);
