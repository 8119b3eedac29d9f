#pragma once

#include <stdint.h>

/* Of the container's cgroup, UINT64_MAX where there is none; *is_known is set to whether anybody says so. */
uint64_t memory_limit(int *is_known); /* bytes */
uint64_t process_limit(void);
