#include "container-limits.h"

#include "syscalls.h"
#include "text.h"

/* cgroups(7). The mount point and the file of the controller in both versions, as arrays, because pointers would have
 * to be relocated. */
struct controller {
  char mount[24], limit[24];
  int version;
};
static const struct controller controllers[] = {
    {"/sys/fs/cgroup", "/memory.max", 2},
    {"/sys/fs/cgroup/memory", "/memory.limit_in_bytes", 1},
};
enum { VERSIONS = sizeof controllers / sizeof *controllers };

/* Version 2 writes `max` for no limit, and version 1 a number that is larger than any memory. */
#define NO_LIMIT (UINT64_C(1) << 60)

static uint64_t parse_limit(const char *text) {
  uint64_t number = 0;
  if (*text == 'm') return UINT64_MAX;
  for (; *text >= '0' && *text <= '9'; text++) number = number * 10 + (uint64_t)(*text - '0');
  return number < NO_LIMIT ? number : UINT64_MAX;
}

/* Returns how many bytes were read, or -errno. Adds a NUL. */
static long read_file(const char *path, char *text, size_t room) {
  long file = sys_open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return file;
  long count = sys_pread((int)file, text, room - 1, 0);
  sys_close((int)file);
  if (count >= 0) text[count] = 0;
  return count;
}

/* @param own the cgroup's place below the mount point, up to the end of the line */
static int read_limit(const struct controller *controller, const char *own, uint64_t *limit) {
  struct text path = {0};
  char number[24];
  add_string(&path, controller->mount);
  add_line(&path, own);
  add_string(&path, controller->limit);
  if (read_file(path.bytes, number, sizeof number) <= 0) return 0;
  *limit = parse_limit(number);
  return 1;
}

/* Whether a comma-separated list that ends with `:` has the name `memory`. */
static int has_memory(const char *list) {
  for (;; list++) {
    if (starts_with(list, "memory,") || starts_with(list, "memory:")) return 1;
    while (*list && *list != ',' && *list != ':') list++;
    if (*list != ',') return 0;
  }
}

/* A line of /proc/<pid>/cgroup is `NUMBER:CONTROLLER,…:PATH`. Version 2 has no controllers there. Returns the path. */
static const char *own_place(const char *line, int version) {
  while (*line >= '0' && *line <= '9') line++;
  if (*line++ != ':') return 0;
  if (version == 2 ? *line != ':' : !has_memory(line)) return 0;
  while (*line != ':') line++;
  return line + 1;
}

static const char *next_line(const char *line) {
  while (*line && *line != '\n') line++;
  return *line ? line + 1 : line;
}

/* For a file system that shows the host's tree: without a cgroup namespace, as in privileged containers. */
static int read_own_limit(const struct controller *controller, const char *membership, uint64_t *limit) {
  for (const char *line = membership; *line; line = next_line(line)) {
    const char *own = own_place(line, controller->version);
    if (own) return read_limit(controller, own, limit);
  }
  return 0;
}

uint64_t memory_limit(uint64_t unknown) {
  char membership[8192];
  uint64_t limit = unknown;
  /* Usually the root of the file system is the container's own cgroup. */
  for (int i = 0; i < VERSIONS; i++) {
    if (read_limit(&controllers[i], "", &limit) && limit != UINT64_MAX) return limit;
  }
  if (read_file("/proc/self/cgroup", membership, sizeof membership) <= 0) return limit;
  for (int i = 0; i < VERSIONS; i++) {
    if (read_own_limit(&controllers[i], membership, &limit)) break;
  }
  return limit;
}
