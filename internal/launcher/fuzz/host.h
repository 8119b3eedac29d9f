#pragma once

/*
 * Lets libFuzzer run the launcher's sources on the host. They are included unchanged, macros replace their system
 * calls, and a call that would end the process ends one run. No header of the C library may be included with the
 * kernel's own, which the launcher uses.
 */

#include "../syscalls.h"

#define PROGRAM_NAME "fuzz"

void *calloc(size_t count, size_t size);
void free(void *memory);
_Noreturn void abort(void);
int _setjmp(void *place) __attribute__((returns_twice));
_Noreturn void longjmp(void *place, int value);

/* The C library defines the size of jmp_buf. This is larger than any. */
static _Alignas(16) char end_of_run[1024];
static const uint8_t *input;
static size_t input_size;

static void check(int condition) {
  if (!condition) abort();
}

/* text.c has these two for programs without a C library. Here there is one. */
#define memcpy launcher_memcpy
#define memset launcher_memset
#include "../text.c"
#undef memcpy
#undef memset

/* A file that ends with the input, of `size` bytes in all. */
static long read_input(void *bytes, size_t size, uint64_t offset, uint64_t file_size) {
  uint64_t start = file_size - input_size;
  check(offset >= start || file_size >= input_size);
  if (offset < start || offset >= file_size) return 0;
  uint64_t at = offset - start;
  size_t count = size < input_size - at ? size : (size_t)(input_size - at);
  for (size_t i = 0; i < count; i++) ((uint8_t *)bytes)[i] = input[at + i];
  return (long)count;
}
