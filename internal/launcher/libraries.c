#include "libraries.h"

#include "code-file.h"
#include "report.h"

enum { CHUNK_SIZE = 128 * 1024, NOWHERE = -1 };

static _Noreturn void fail(const struct part *part, const char *what, long error) {
  struct text line = {0};
  add_string(&line, what);
  add_string(&line, part->name);
  add_string(&line, " in");
  give_up_on_file(line.bytes, error, error ? 0 : "the copy is damaged: copy it again");
}

/* Policies deny with EACCES or EPERM. Most policies of security modules are about files in memory. */
static const char *look_at(long error) {
  switch (-error) {
    case EACCES:
    case EPERM:
      return "look at the security modules of the node (SELinux, AppArmor), at its vm.memfd_noexec, at the seccomp profile, "
             "and whether the executable's volume is mounted noexec or read-only";
    case EFBIG: return "look at the limit of file sizes (RLIMIT_FSIZE, ulimit -f)";
    case ENOSYS: return "look at the seccomp profile: memfd_create(2) should be allowed";
    default: return "look at the memory limit of the container";
  }
}

/* Each byte is checked while it is in the processor's cache. Returns 0 or the -errno of writing. */
static long check_and_copy(const struct part *part, const char *bytes, int to) {
  struct checksum checksum = {0};
  for (uint64_t done = 0, size; done < part->size; done += size) {
    size = part->size - done < CHUNK_SIZE ? part->size - done : CHUNK_SIZE;
    checksum_add(&checksum, bytes + done, size);
    long error = to == NOWHERE ? 0 : write_code_file(to, bytes + done, size);
    if (error) return error;
  }
  if (!checksums_are_equal(&checksum, &part->checksum)) fail(part, "wrong checksum of ", 0);
  return 0;
}

/* Returns a descriptor or -errno. */
static long copy_to(enum place place, const struct part *part, const char *bytes) {
  long file = create_code_file(place, part->name);
  if (file < 0) return file;
  long error = check_and_copy(part, bytes, (int)file);
  if (!error) error = try_code_file((int)file);
  if (!error) return file;
  sys_close((int)file);
  return error;
}

/* @param place the place of the last copy, or the first place to try */
static int copy_library(const struct part *part, const char *bytes, enum place *place) {
  long first_error = 0;
  for (; *place < PLACES; (*place)++) {
    long file = copy_to(*place, part, bytes);
    if (file >= 0) return (int)file;
    if (!first_error) first_error = file;
  }
  give_up("cannot make a file to execute from, neither in memory nor beside the executable nor in /tmp", first_error,
          look_at(first_error));
}

/* The part is mapped, not read, so each byte is copied once. */
static const char *map_part(int file, const struct part *part) {
  long at = sys_mmap(0, part->size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, part->offset);
  if (is_error(at)) fail(part, "cannot read ", at);
  return (const char *)at;
}

static void add_library(const struct part *part, const char *bytes, enum place *place, struct text *preload) {
  add_descriptor_path(preload, copy_library(part, bytes, place));
  add_string(preload, ":");
}

void copy_libraries(int file, const struct trailer *trailer, struct text *preload) {
  enum place place = IN_MEMORY;
  for (uint64_t i = 0; i < trailer->part_count; i++) {
    const struct part *part = &trailer->parts[i];
    if (part->kind != PART_LIBRARY && part->kind != PART_LOADER && part->kind != PART_SCRIPTS) continue;
    const char *bytes = map_part(file, part);
    if (part->kind == PART_LIBRARY) {
      add_library(part, bytes, &place, preload);
    } else {
      check_and_copy(part, bytes, NOWHERE);
    }
    sys_munmap((void *)bytes, part->size);
  }
}
