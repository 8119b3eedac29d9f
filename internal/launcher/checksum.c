#include "checksum.h"

static void add_word(struct checksum *checksum, uint64_t word) {
  checksum->sums[0] += word;
  checksum->sums[1] += checksum->sums[0];
}

void checksum_add(struct checksum *checksum, const void *bytes, size_t size) {
  struct checksum local = *checksum; /* kept in registers: `bytes` may alias anything, so each sum would be stored */
  const char *at = bytes;
  uint64_t word;
  for (; size >= sizeof word; size -= sizeof word, at += sizeof word) {
    __builtin_memcpy(&word, at, sizeof word);
    add_word(&local, word);
  }
  if (size) {
    word = 0;
    for (size_t i = 0; i < size; i++) word |= (uint64_t)(uint8_t)at[i] << (8 * i);
    add_word(&local, word);
  }
  *checksum = local;
}

int checksums_are_equal(const struct checksum *a, const struct checksum *b) {
  return a->sums[0] == b->sums[0] && a->sums[1] == b->sums[1];
}
