#pragma once

#include <stdint.h>

/* Of the container's cgroup: UINT64_MAX for none, and `unknown` where nobody says what it is. */
uint64_t memory_limit(uint64_t unknown); /* bytes */
uint64_t process_limit(uint64_t unknown);
