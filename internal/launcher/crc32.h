#pragma once

#include <stddef.h>
#include <stdint.h>

/* The CRC-32 of zlib and gzip (RFC 1952, section 8), which JavaScript has as zlib.crc32(). */
struct crc32_table {
  uint32_t entry[8][256];
};

void crc32_prepare(struct crc32_table *table);

/* Continues from the checksum of what came before; that of nothing is 0. */
uint32_t crc32_update(const struct crc32_table *table, uint32_t crc, const void *bytes, size_t size);

/* For a single piece. */
uint32_t crc32(const void *bytes, size_t size);
