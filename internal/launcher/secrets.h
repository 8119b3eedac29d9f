#pragma once

#include "start-state.h"

/* Memory of this process. */
struct block {
  uint64_t at, size;
};

/*
 * Copies the environment block to other memory, byte for byte and in its order. Then it overwrites the block, because
 * /proc/<pid>/environ shows it. A file would be readable by others, or policies might forbid it.
 */
struct block take_environment(struct start_state *state);

/* Overwrites the value of the program's secret option, because /proc/<pid>/cmdline shows it. Call it after the
 * arguments are copied. */
void wipe_secret_argument(struct start_state *state);
