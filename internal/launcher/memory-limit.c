#include "memory-limit.h"

#include "syscalls.h"

/* Twice the file: with that much the page cache keeps all that starting reads. */
enum { AMPLE_MIB = 256, BYTES_IN_MIB = 1 << 20 };

/* The container's limit where it sees its own cgroup as the root, in version 2 and in version 1: cgroups(7). No pointers, which would
 * have to be relocated. */
static const char limits[][48] = {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"};

/* A number of bytes, or `max`; version 1 writes a number of 19 digits for that, which fits. */
static int is_ample(const char *text, const char *end) {
  uint64_t bytes = 0;
  if (text < end && *text == 'm') return 1;
  for (; text < end && *text >= '0' && *text <= '9'; text++) bytes = bytes * 10 + (uint64_t)(*text - '0');
  return bytes / BYTES_IN_MIB >= AMPLE_MIB;
}

int is_memory_scarce(void) {
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    char text[20];
    long file = sys_open(limits[i], O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    long count = sys_pread((int)file, text, sizeof text, 0);
    sys_close((int)file);
    if (count > 0) return !is_ample(text, text + count);
  }
  return 1;
}
