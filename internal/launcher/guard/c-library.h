#pragma once

/* The functions of Node's C library that the guard uses. Like the launcher, the guard is compiled without the
 * library's headers. */

#include <linux/elf.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORTED __attribute__((visibility("default")))

/* dl_iterate_phdr(3), as far as it is used here. */
struct dl_phdr_info {
  uint64_t bias;
  const char *name;
  const Elf64_Phdr *headers;
  uint16_t header_count;
};

int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data);

unsigned long getauxval(unsigned long type);

int *__errno_location(void); /* LSB 5.0: where errno is */
