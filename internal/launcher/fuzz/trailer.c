/* Reads any table of contents. Whatever is in it, no part may lie outside of the file or of the table. */
#include "host.h"

#include "../checksum.c"

static uint64_t file_size;

static long seek_input(int file, long offset, int whence) {
  check(file == 0 && offset == 0 && whence == SEEK_END);
  return (long)file_size;
}

static long pread_input(int file, void *bytes, size_t size, uint64_t offset) {
  check(file == 0);
  return read_input(bytes, size, offset, file_size);
}

#define sys_lseek seek_input
#define sys_pread pread_input
#include "../trailer.c"

_Noreturn void give_up_on_file(const char *what, long error, const char *look_at) {
  (void)error, (void)look_at;
  check(length_of(what) > 0);
  longjmp(end_of_run, 1);
}

static void look_at_parts(const struct trailer *trailer) {
  check(trailer->part_count <= MAX_PARTS && trailer->file_size == file_size);
  for (uint64_t i = 0; i < trailer->part_count; i++) {
    const struct part *part = &trailer->parts[i];
    check(part->offset <= file_size && part->size <= file_size - part->offset);
  }
  const struct part *node = find_part(trailer, PART_NODE);
  check(node >= trailer->parts && node < trailer->parts + trailer->part_count && node->kind == PART_NODE);
}

/* A fuzzer does not find a checksum by chance, so an input with the right magic gets the right checksum. */
static void complete(struct trailer *trailer) {
  struct checksum none = {0}, sum = {0};
  __builtin_memcpy(trailer->magic, MAGIC, sizeof MAGIC);
  trailer->checksum = none;
  checksum_add(&sum, trailer, sizeof *trailer);
  trailer->checksum = sum;
}

/* The input: whether it is completed, the difference between the file's real and stated size, and the table. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct trailer trailer, file;
  if (size < 2 || size > sizeof file + 2) return 0;
  struct trailer empty = {0};
  file = empty;
  __builtin_memcpy(&file, data + 2, size - 2);
  file_size = file.file_size + data[1];
  if (data[0] & 1) complete(&file);
  input = (const uint8_t *)&file;
  input_size = sizeof file;
  /* The kernel has no larger files, and none that end before they begin. */
  if (file_size > INT64_MAX || file_size < input_size) return 0;
  if (_setjmp(end_of_run) == 0) {
    read_trailer(0, &trailer);
    look_at_parts(&trailer);
  }
  return 0;
}
