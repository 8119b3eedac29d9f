#include "libraries.h"

#include "crc32.h"
#include "memory-file.h"
#include "report.h"

enum { COPY_SIZE = 128 * 1024 };

/* Nothing of it stays: the table and the buffer go back to the kernel after the last library. */
struct copier {
  int from;
  struct crc32_table table;
  char buffer[COPY_SIZE];
};

static _Noreturn void fail(const struct part *part, const char *what, long error) {
  struct text line = {0};
  add_string(&line, what);
  add_string(&line, part->name);
  add_string(&line, " in");
  give_up_on_file(line.bytes, error, error ? 0 : "the copy is damaged: copy it again");
}

static int copy_to_memory(struct copier *copier, const struct part *part) {
  int to = create_memory_file(part->name, MEMORY_FILE_CODE);
  uint32_t crc = 0;
  for (uint64_t done = 0; done < part->size;) {
    uint64_t left = part->size - done;
    long count = sys_pread(copier->from, copier->buffer, left < COPY_SIZE ? left : COPY_SIZE, part->offset + done);
    if (count < 0) fail(part, "cannot read ", count);
    if (count == 0) fail(part, "unexpected end of ", 0);
    crc = crc32_update(&copier->table, crc, copier->buffer, (size_t)count);
    write_memory_file(to, copier->buffer, (size_t)count);
    done += (uint64_t)count;
  }
  if (crc != part->crc32) fail(part, "wrong checksum of ", 0);
  return to;
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

void copy_libraries(int file, const struct trailer *trailer, struct text *preload) {
  long memory = sys_mmap(0, sizeof(struct copier), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (is_error(memory)) give_up("cannot copy the libraries", memory, "look at the memory limit of the container");
  struct copier *copier = (struct copier *)memory;
  copier->from = file;
  crc32_prepare(&copier->table);
  for (uint32_t i = 0; i < trailer->part_count; i++) {
    if (trailer->parts[i].kind != PART_LIBRARY) continue;
    int copy = copy_to_memory(copier, &trailer->parts[i]);
    check_executable(copy);
    add_path(preload, copy);
  }
  sys_munmap(copier, sizeof *copier);
}
