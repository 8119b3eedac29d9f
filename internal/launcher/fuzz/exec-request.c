/* Reads any request of a child's first step. It is refused, or everything that is executed lies within the request. */
#include "host.h"

#define MAX_ALLOCATIONS 2

static void *allocations[MAX_ALLOCATIONS];
static size_t allocation_sizes[MAX_ALLOCATIONS], allocation_count;
static int failed_step;
static uint64_t read_so_far;

static long allocate_memory(size_t size) {
  check(allocation_count < MAX_ALLOCATIONS && size > 0);
  void *memory = calloc(1, size); /* zeros, as from mmap(2) */
  check(memory != 0);
  allocations[allocation_count] = memory;
  allocation_sizes[allocation_count++] = size;
  return (long)memory;
}

static void check_string(const char *string) {
  const char *request = allocations[0];
  check(string >= request && string + length_of(string) < request + allocation_sizes[0]);
}

static void check_list(char *const *list) {
  const char *table = allocations[1];
  for (; *list; list++) check_string(*list);
  check((const char *)(list + 1) <= table + allocation_sizes[1]);
}

static long execute(const char *path, char *const argv[], char *const envp[]) {
  check(allocation_count == 2 && argv[0] != 0);
  check_string(path);
  check_list(argv);
  check_list(envp);
  return -ENOENT;
}

static long set_groups(size_t count, const uint32_t *groups) {
  const char *request = allocations[0];
  check((const char *)(groups + count) <= request + allocation_sizes[0]);
  return 0;
}

static long note_failure(int fd, const void *bytes, size_t size) {
  if (fd == 4) {
    check(size == 8);
    failed_step = ((const int *)bytes)[0];
  }
  return (long)size;
}

static long read_next(void *bytes, size_t size) {
  long count = read_input(bytes, size, read_so_far, input_size);
  read_so_far += (uint64_t)count;
  return count;
}

static _Noreturn void end_run(int status) {
  check(status == 127);
  longjmp(end_of_run, 1);
}

#define sys_mmap(at, size, protection, flags, fd, offset) allocate_memory(size)
#define sys_read(fd, bytes, size) read_next(bytes, size)
#define sys_write note_failure
#define sys_exit_group end_run
#define sys_execve execute
#define sys_setgroups set_groups
#define sys_setresgid(gid) ((gid) == UINT32_MAX ? -EINVAL : 0)
#define sys_setresuid(uid) ((uid) == UINT32_MAX ? -EINVAL : 0)
#define sys_open(path, flags) 5
#define sys_close(fd) ((void)(fd))
#define sys_prctl(option, argument) 0
#define sys_getppid() 1
#define sys_prlimit(resource, limit, old) ((void)(limit))
#define sys_sigaction(signal, action, old) ((void)(action), 0)
#define sys_sigprocmask(how, set, old) ((void)(set), 0)
#include "../exec-step.c"

void set_close_on_exec_from(int first) {
  check(first == REQUEST_FD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  input = data;
  input_size = size;
  allocation_count = 0;
  failed_step = 0;
  read_so_far = 0;
  if (_setjmp(end_of_run) == 0) exec_step();
  check(failed_step == 0 || (failed_step >= STEP_REQUEST && failed_step <= STEP_EXEC));
  while (allocation_count > 0) free(allocations[--allocation_count]);
  return 0;
}
