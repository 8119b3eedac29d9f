#pragma once

#include <stdint.h>

/* The limit of the container's cgroup: UINT64_MAX if there is none, and `unknown` if it cannot be read. */
uint64_t memory_limit(uint64_t unknown); /* bytes */
