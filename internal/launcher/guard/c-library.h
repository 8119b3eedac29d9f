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

/* sigaction(2), as the C library declares it. */
struct c_sigaction {
  void *handler;
  uint64_t mask[16];
  int flags;
  void *restorer;
};

/* The library's own name for sigaction(2). */
int __sigaction(int signal, const struct c_sigaction *action, struct c_sigaction *old);

int on_exit(void (*callback)(int status, void *data), void *data); /* on_exit(3) */

#define RTLD_NEXT ((void *) -1l)
void *dlsym(void *handle, const char *name); /* dlsym(3) */

int *__errno_location(void); /* LSB 5.0: where errno is */
