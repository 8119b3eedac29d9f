#include "libraries.h"

#include "memory-file.h"
#include "report.h"

enum { COPY_SIZE = 128 * 1024 };

static _Noreturn void fail(const struct part *part, const char *what, long error) {
  struct text line = {0};
  add_string(&line, what);
  add_string(&line, part->name);
  add_string(&line, " in");
  give_up_on_file(line.bytes, error, error ? 0 : "the copy is damaged: copy it again");
}

enum { NOWHERE = -1 };

static void read_and_check(int from, const struct part *part, char *buffer, int to) {
  struct checksum checksum = {0};
  for (uint64_t done = 0; done < part->size;) {
    uint64_t left = part->size - done;
    long count = sys_pread(from, buffer, left < COPY_SIZE ? left : COPY_SIZE, part->offset + done);
    if (count < 0) fail(part, "cannot read ", count);
    if ((uint64_t)count < left) count -= count % 8; /* checksum.h: only the end may be no whole word */
    if (count == 0) fail(part, "unexpected end of ", 0);
    checksum_add(&checksum, buffer, (size_t)count);
    if (to != NOWHERE) write_memory_file(to, buffer, (size_t)count);
    done += (uint64_t)count;
  }
  if (!checksums_are_equal(&checksum, &part->checksum)) fail(part, "wrong checksum of ", 0);
}

/* The loader's own message would name no reason (SELinux, or a kernel that mounts its memory files noexec). */
static void check_executable(int file) {
  long at = sys_mmap(0, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
  if (is_error(at)) give_up("cannot execute from a memory file", at, "look at the security modules of the kernel");
  sys_munmap((void *)at, 1);
}

static void add_path(struct text *preload, int file) {
  add_string(preload, "/proc/self/fd/");
  add_decimal(preload, (uint64_t)file);
  add_string(preload, ":");
}

static void copy_library(int from, const struct part *part, char *buffer, struct text *preload) {
  int copy = create_memory_file(part->name, MEMORY_FILE_CODE);
  read_and_check(from, part, buffer, copy);
  check_executable(copy);
  add_path(preload, copy);
}

void copy_libraries(int file, const struct trailer *trailer, struct text *preload) {
  long buffer = sys_mmap(0, COPY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (is_error(buffer)) give_up("cannot copy the libraries", buffer, "look at the memory limit of the container");
  for (uint64_t i = 0; i < trailer->part_count; i++) {
    const struct part *part = &trailer->parts[i];
    if (part->kind == PART_LIBRARY) copy_library(file, part, (char *)buffer, preload);
    if (part->kind == PART_LOADER) read_and_check(file, part, (char *)buffer, NOWHERE);
  }
  sys_munmap((void *)buffer, COPY_SIZE);
}
