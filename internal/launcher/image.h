#pragma once

#include "trailer.h"

/* An ELF program or shared object, mapped as the kernel maps one for execve(2). */
struct image {
  uint64_t bias;          /* added to the addresses in the file: 0 for a program at fixed addresses */
  uint64_t entry;         /* this and the rest are real addresses */
  uint64_t headers;
  uint64_t header_count;
};

/* @param bounds_read_ahead true if memory is scarce: see image.c */
void map_image(int file, const struct part *part, uint64_t page_size, int bounds_read_ahead, struct image *image);
