#include "secrets.h"

#include "memory-file.h"
#include "text.h"

/* The stored values are never read, but the compiler must not remove these stores. */
static void wipe(char *at, size_t size) {
  volatile char *byte = at;
  while (size--) *byte++ = 0;
}

/* proc_pid_environ(5): the kernel places the strings one after the other. */
int take_environment(struct start_state *state) {
  int copy = create_memory_file("environ", MEMORY_FILE_DATA);
  for (char **variable = state->envp; *variable; variable++) {
    size_t size = length_of(*variable) + 1;
    write_memory_file(copy, *variable, size);
    wipe(*variable, size);
  }
  return copy;
}

void wipe_secret_argument(struct start_state *state) {
#ifdef SECRET_OPTION
  static const char option[] = SECRET_OPTION, with_value[] = SECRET_OPTION "=";
  for (uint64_t i = 1; i < state->argc; i++) {
    char *value = 0;
    if (starts_with(state->argv[i], with_value)) value = state->argv[i] + sizeof with_value - 1;
    if (is_equal(state->argv[i], option) && i + 1 < state->argc) value = state->argv[++i];
    if (value) wipe(value, length_of(value));
  }
#else
  (void)state;
#endif
}
