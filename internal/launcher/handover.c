#include "handover.h"

#include <linux/auxvec.h>

#include "secrets.h"
#include "text.h"

_Noreturn void jump_to(uint64_t entry, const void *stack);

static size_t count_strings(const char *const *strings) {
  size_t count = 0;
  while (strings[count]) count++;
  return count;
}

static size_t total_size(const char *const *strings) {
  size_t size = 0;
  for (; *strings; strings++) size += length_of(*strings) + 1;
  return size;
}

static size_t count_pairs(const uint64_t *auxv) {
  size_t count = 1;
  for (; *auxv != AT_NULL; auxv += 2) count++;
  return count;
}

/* Copies the strings to *to. Writes their new addresses and a null pointer to pointers, and returns the place after
 * that. */
static uint64_t *copy_strings(const char *const *strings, uint64_t *pointers, char **to) {
  for (; *strings; strings++) {
    *pointers++ = (uint64_t)*to;
    for (const char *from = *strings; (*(*to)++ = *from++);) continue;
  }
  *pointers++ = 0;
  return pointers;
}

/*
 * The value that the kernel would give the loader. The kernel sets AT_SECURE after some changes of the security
 * context, and then the loader would refuse LD_PRELOAD. Clearing it is safe, because nothing in this environment comes
 * from outside.
 */
static uint64_t value_for(uint64_t type, uint64_t value, const struct image *program, const struct image *loader) {
  switch (type) {
    case AT_PHDR: return program->headers;
    case AT_PHNUM: return program->header_count;
    case AT_ENTRY: return program->entry;
    case AT_BASE: return loader->bias;
    case AT_SECURE: return 0;
    default: return value;
  }
}

_Noreturn void hand_over(struct start_state *state, const char *const environment[], const struct image *program,
                         const struct image *loader) {
  const char *const *arguments = (const char *const *)state->argv;
  size_t pairs = count_pairs(state->auxv);
  size_t words = 1 + state->argc + 1 + count_strings(environment) + 1 + 2 * pairs;
  size_t bytes = total_size(arguments) + total_size(environment);
  /* Both ABIs require a stack that is aligned to 16 bytes. */
  _Alignas(16) uint64_t stack[words + bytes / 8 + 2];
  char *strings = (char *)(stack + words);
  stack[0] = state->argc;
  uint64_t *next = copy_strings(arguments, stack + 1, &strings);
  next = copy_strings(environment, next, &strings);
  for (size_t i = 0; i < pairs; i++, next += 2) {
    next[0] = state->auxv[2 * i];
    next[1] = value_for(next[0], state->auxv[2 * i + 1], program, loader);
  }
  wipe_secret_argument(state);
  jump_to(loader->entry, stack);
}
