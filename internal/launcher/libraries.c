#include "libraries.h"

#include "memory-file.h"
#include "report.h"

enum { CHUNK_SIZE = 128 * 1024 };

static _Noreturn void fail(const struct part *part, const char *what, long error) {
  struct text line = {0};
  add_string(&line, what);
  add_string(&line, part->name);
  add_string(&line, " in");
  give_up_on_file(line.bytes, error, error ? 0 : "the copy is damaged: copy it again");
}

enum { NOWHERE = -1 };

/* The part is mapped, not read: each byte is copied once, and is checked while it is in the processor's cache. */
static void check_and_copy(int from, const struct part *part, int to) {
  struct checksum checksum = {0};
  long at = sys_mmap(0, part->size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, from, part->offset);
  if (is_error(at)) fail(part, "cannot read ", at);
  for (uint64_t done = 0, size; done < part->size; done += size) {
    const char *chunk = (const char *)at + done;
    size = part->size - done < CHUNK_SIZE ? part->size - done : CHUNK_SIZE;
    checksum_add(&checksum, chunk, size);
    if (to != NOWHERE) write_memory_file(to, chunk, size);
  }
  sys_munmap((void *)at, part->size);
  if (!checksums_are_equal(&checksum, &part->checksum)) fail(part, "wrong checksum of ", 0);
}

/* The loader's own message would not name the reason (SELinux, or a kernel with noexec memory files). */
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

static void copy_library(int from, const struct part *part, struct text *preload) {
  int copy = create_memory_file(part->name, MEMORY_FILE_CODE);
  check_and_copy(from, part, copy);
  check_executable(copy);
  add_path(preload, copy);
}

void copy_libraries(int file, const struct trailer *trailer, struct text *preload) {
  for (uint64_t i = 0; i < trailer->part_count; i++) {
    const struct part *part = &trailer->parts[i];
    if (part->kind == PART_LIBRARY) copy_library(file, part, preload);
    if (part->kind == PART_LOADER || part->kind == PART_SCRIPTS) check_and_copy(file, part, NOWHERE);
  }
}
