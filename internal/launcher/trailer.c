#include "trailer.h"

#include "report.h"
#include "text.h"

#define MAGIC "packed file\r\n1" /* a copy in "text mode" would change the line end */
#define LARGEST_LAUNCHER 65536

static const char copy_again[] = "the copy is incomplete or damaged: copy it again";

static int is_intact(struct trailer *trailer) {
  struct checksum actual = {0}, expected = trailer->checksum;
  trailer->checksum = actual;
  checksum_add(&actual, trailer, sizeof *trailer);
  return checksums_are_equal(&actual, &expected) && trailer->part_count <= MAX_PARTS;
}

static void check_parts(const struct trailer *trailer) {
  for (uint64_t i = 0; i < trailer->part_count; i++) {
    const struct part *part = &trailer->parts[i];
    if (part->offset > trailer->file_size || part->size > trailer->file_size - part->offset) {
      give_up_on_file("a part lies outside of", 0, copy_again);
    }
  }
}

void read_trailer(int file, struct trailer *trailer) {
  long size = sys_lseek(file, 0, SEEK_END);
  if (size < 0) give_up_on_file("cannot find out the size of", size, 0);
  if (size <= LARGEST_LAUNCHER) {
    give_up_on_file("there is no program in", 0, "this is the bare launcher, or a copy that was cut short");
  }
  long count = sys_pread(file, trailer, sizeof *trailer, (uint64_t)size - sizeof *trailer);
  if (count < 0) give_up_on_file("cannot read", count, 0);
  if (count != sizeof *trailer || !is_equal(trailer->magic, MAGIC)) {
    give_up_on_file("there is no table of contents at the end of", 0, copy_again);
  }
  if (!is_intact(trailer)) give_up_on_file("wrong checksum of the table of contents of", 0, copy_again);
  if (trailer->file_size != (uint64_t)size) give_up_on_file("wrong size of", 0, copy_again);
  check_parts(trailer);
}

const struct part *find_part(const struct trailer *trailer, enum part_kind kind) {
  for (uint64_t i = 0; i < trailer->part_count; i++) {
    if (trailer->parts[i].kind == kind) return &trailer->parts[i];
  }
  give_up_on_file("a part is missing in", 0, "it was not built completely");
}
