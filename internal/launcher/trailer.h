#pragma once

#include "checksum.h"
#include "syscalls.h"

/* The parts of the executable: a table in its last bytes. The packer writes it, and trailer.ts reads it. */

enum part_kind {
  PART_LAUNCHER = 1, /* this program */
  PART_NODE = 2,     /* the Node single executable, mapped from the file */
  PART_LOADER = 3,   /* the dynamic loader, mapped from the file */
  PART_LIBRARY = 4,  /* preloaded, in the order of the table */
  PART_SCRIPTS = 5,  /* the scripts in the Node part. They are checked because V8 would run damaged code */
};

struct part {
  uint64_t offset, size;
  struct checksum checksum;
  uint32_t crc32; /* for trailer.ts, which checks the large parts as well */
  uint32_t kind;
  char name[24]; /* NUL-terminated, for messages */
};

enum { MAX_PARTS = 15 };

struct trailer {
  char magic[16];
  uint64_t file_size;
  uint64_t part_count;
  struct checksum checksum; /* of the trailer, with zeros in this place */
  uint8_t reserved[16];
  struct part parts[MAX_PARTS];
};

_Static_assert(sizeof(struct trailer) == 1024, "pack.ts and trailer.ts write and read these bytes");

/* Reads and checks the trailer of the executable. Ends the process if it is missing or damaged, or the file is cut
 * short. */
void read_trailer(int file, struct trailer *trailer);

/* The only part of that kind. Ends the process if there is none. */
const struct part *find_part(const struct trailer *trailer, enum part_kind kind);
