#pragma once

#include <stdint.h>

/* The memory limit of the container's cgroup, in bytes: UINT64_MAX if there is none, and `unknown` if it cannot be
 * read. */
uint64_t memory_limit(uint64_t unknown);
