#include "code-file.h"

#include "syscalls.h"
#include "text.h"

#ifndef MFD_EXEC /* Linux 6.3; the headers of the build host may be older */
#define MFD_EXEC 0x0010u
#endif

/* memfd_create(2): kernels before 6.3 answer EINVAL to the flag for execution, and do not need it. */
static long create_in_memory(const char *name) {
  long file = sys_memfd_create(name, MFD_CLOEXEC | MFD_EXEC);
  return file == -EINVAL ? sys_memfd_create(name, MFD_CLOEXEC) : file;
}

/* proc_pid_exe(5): readlink adds no NUL. */
static long find_own_directory(char *path, size_t room) {
  long size = sys_readlink("/proc/self/exe", path, room - 1);
  if (size < 0) return size;
  while (size > 1 && path[size - 1] != '/') size--;
  path[size] = 0;
  return 0;
}

enum { OWNER_MAY_READ = 0400, NAMES_TO_TRY = 100 };

/* Nobody else can open the file while it has a name: it has no permissions then. */
static long create_and_unlink(const char *directory, const char *name) {
  long file = -EEXIST;
  for (uint64_t i = 0; i < NAMES_TO_TRY && file == -EEXIST; i++) {
    struct text path = {0};
    add_string(&path, directory);
    add_string(&path, "/." PROGRAM_NAME "-");
    add_string(&path, name);
    add_string(&path, "-");
    add_decimal(&path, i);
    file = sys_open_new(path.bytes, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0);
    if (file < 0) continue;
    sys_unlink(path.bytes);
    sys_fchmod((int)file, OWNER_MAY_READ);
  }
  return file;
}

/* open(2), O_TMPFILE: some file systems do not support it, overlayfs before Linux 6.1 for example. */
static long create_in(const char *directory, const char *name) {
  long file = sys_open_new(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, OWNER_MAY_READ);
  return file < 0 ? create_and_unlink(directory, name) : file;
}

long create_code_file(enum place place, const char *name) {
  char directory[512];
  if (place == IN_MEMORY) return create_in_memory(name);
  if (place == IN_TMP) return create_in("/tmp", name);
  long error = find_own_directory(directory, sizeof directory);
  return error ? error : create_in(directory, name);
}

long write_code_file(int file, const void *bytes, size_t size) {
  const char *at = bytes;
  while (size) {
    long count = sys_write(file, at, size);
    if (count < 0) return count;
    at += count;
    size -= (size_t)count;
  }
  return 0;
}

long try_code_file(int file) {
  struct text path = {0};
  add_descriptor_path(&path, file);
  long again = sys_open(path.bytes, O_RDONLY | O_CLOEXEC);
  if (again < 0) return again;
  long at = sys_mmap(0, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, (int)again, 0);
  sys_close((int)again);
  if (is_error(at)) return at;
  sys_munmap((void *)at, 1);
  return 0;
}
