#include "container-limits.h"

#include "syscalls.h"

/* The files of a container's own cgroup, in version 2 and in version 1: cgroups(7). They are arrays, because
 * pointers would have to be relocated. */
typedef char paths[2][48];
static const paths memory = {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"};

/* A number or `max`. Version 1 writes a number of up to 19 digits instead of `max`, and that fits. */
static uint64_t parse(const char *text, const char *end) {
  uint64_t number = 0;
  if (*text == 'm') return UINT64_MAX;
  for (; text < end && *text >= '0' && *text <= '9'; text++) number = number * 10 + (uint64_t)(*text - '0');
  return number;
}

static uint64_t read_limit(const paths files, uint64_t unknown) {
  for (int i = 0; i < 2; i++) {
    char text[20];
    long file = sys_open(files[i], O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    long count = sys_pread((int)file, text, sizeof text, 0);
    sys_close((int)file);
    if (count > 0) return parse(text, text + count);
  }
  return unknown;
}

uint64_t memory_limit(uint64_t unknown) {
  return read_limit(memory, unknown);
}
