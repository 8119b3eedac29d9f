#pragma once

/* From now on, a crash ends the process with one line on stderr and status 1. */
void catch_faults(void);
