#pragma once

#include "start-state.h"

/*
 * Moves the environment block, byte for byte and in its order, to a memory file, and overwrites it: what is left in
 * place can be read from /proc/<pid>/environ. Returns the descriptor.
 */
int take_environment(struct start_state *state);

/* Overwrites the value of the option that a program has for secrets, where /proc/<pid>/cmdline shows it. To be called when the arguments are copied. */
void wipe_secret_argument(struct start_state *state);
