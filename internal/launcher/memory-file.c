#include "memory-file.h"

#include "report.h"
#include "syscalls.h"

#ifndef MFD_NOEXEC_SEAL /* Linux 6.3; the headers of the build host may be older */
#define MFD_NOEXEC_SEAL 0x0008u
#define MFD_EXEC 0x0010u
#endif

static const char look_at_memfd[] = "memfd_create(2) must work: look at the seccomp profile and vm.memfd_noexec";

/* memfd_create(2): kernels before 6.3 answer EINVAL to the flags for execution, and do not need them. */
static long create(const char *name, unsigned execution) {
  long file = sys_memfd_create(name, MFD_CLOEXEC | execution);
  return file == -EINVAL ? sys_memfd_create(name, MFD_CLOEXEC) : file;
}

int create_memory_file(const char *name, enum memory_file_use use) {
  long file = create(name, use == MEMORY_FILE_CODE ? MFD_EXEC : MFD_NOEXEC_SEAL);
  if (file == -EACCES) give_up("cannot execute from a memory file", file, "vm.memfd_noexec must not be 2");
  if (file < 0) give_up("cannot create a memory file", file, look_at_memfd);
  return (int)file;
}

void write_memory_file(int file, const void *bytes, size_t size) {
  const char *at = bytes;
  while (size) {
    long count = sys_write(file, at, size);
    if (count == -EFBIG) give_up("cannot fill a memory file", count, "look at the limit of file sizes (RLIMIT_FSIZE, ulimit -f)");
    if (count < 0) give_up("cannot fill a memory file", count, "look at the memory limit of the container");
    at += count;
    size -= (size_t)count;
  }
}
