#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Fletcher's checksum over little-endian 64-bit words, as in ZFS. A CRC in plain C would take a large part of the
 * start-up time (docs/decisions/one-file-executable.md).
 */
struct checksum {
  uint64_t sums[2]; /* of the words, and of the first sum after each word */
};

/* Continues with the next bytes. Their number has to be a multiple of 8, except in the last call. */
void checksum_add(struct checksum *checksum, const void *bytes, size_t size);

int checksums_are_equal(const struct checksum *a, const struct checksum *b);
