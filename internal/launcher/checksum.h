#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Fletcher's checksum over little-endian 64-bit words, as ZFS has it: a CRC in plain C would take a good part of the
 * start-up time (docs/decisions/one-file-executable.md).
 */
struct checksum {
  uint64_t sums[2]; /* of the words, and of the first sum after each word */
};

/* Continues with the next bytes; only the last time may their number not be a multiple of 8. */
void checksum_add(struct checksum *checksum, const void *bytes, size_t size);

int checksums_are_equal(const struct checksum *a, const struct checksum *b);
