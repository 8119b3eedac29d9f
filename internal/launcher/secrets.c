#include "secrets.h"

#include "report.h"
#include "text.h"

/* The stored values are never read, but the compiler must not remove these stores. */
static void wipe(char *at, size_t size) {
  volatile char *byte = at;
  while (size--) *byte++ = 0;
}

/* proc_pid_environ(5): the kernel places the strings one after the other. */
struct block take_environment(struct start_state *state) {
  size_t size = 0;
  for (char **variable = state->envp; *variable; variable++) size += length_of(*variable) + 1;
  if (size == 0) return (struct block){0};
  long memory = sys_mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (is_error(memory)) give_up("cannot copy the environment", memory, "look at the memory limits");
  char *to = (char *)memory;
  for (char **variable = state->envp; *variable; variable++) {
    size_t length = length_of(*variable) + 1;
    __builtin_memcpy(to, *variable, length);
    wipe(*variable, length);
    to += length;
  }
  return (struct block){(uint64_t)memory, size};
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
