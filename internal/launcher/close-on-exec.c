#include "close-on-exec.h"

#include "syscalls.h"
#include "text.h"

/* getdents64(2) */
struct directory_entry {
  uint64_t inode;
  int64_t offset;
  uint16_t size;
  uint8_t type;
  char name[];
};

static void mark_listed(int directory, int first) {
  _Alignas(8) char entries[1024];
  for (;;) {
    long size = sys_getdents(directory, entries, sizeof entries);
    if (size <= 0) return;
    for (long at = 0; at < size;) {
      const struct directory_entry *entry = (void *)(entries + at);
      int fd = parse_descriptor(entry->name);
      if (fd >= first) sys_fcntl(fd, F_SETFD, FD_CLOEXEC);
      at += entry->size;
    }
  }
}

void set_close_on_exec_from(int first) {
  /* close_range(2) exists since Linux 5.9, and the flag since 5.11. Older seccomp profiles answer EPERM. */
  if (sys_close_range((unsigned)first, ~0u, CLOSE_RANGE_CLOEXEC) == 0) return;
  long directory = sys_open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  mark_listed((int)directory, first);
  sys_close((int)directory);
}
