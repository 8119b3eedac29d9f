#pragma once

#include "start-state.h"

/*
 * Copies the environment block to a memory file, byte for byte and in its order. Then it overwrites the block, because
 * /proc/<pid>/environ shows it. Returns the file's descriptor.
 */
int take_environment(struct start_state *state);

/* Overwrites the value of the program's secret option, because /proc/<pid>/cmdline shows it. Call it after the
 * arguments are copied. */
void wipe_secret_argument(struct start_state *state);
