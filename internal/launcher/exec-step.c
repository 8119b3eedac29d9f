#include "exec-step.h"

#include "close-on-exec.h"
#include "signals.h"
#include "syscalls.h"
#include "text.h"

enum { REQUEST_FD = 3, STATUS_FD = 4, CANNOT_EXECUTE = 127 };

enum step {
  STEP_REQUEST = 1,
  STEP_OOM_SCORE = 2,
  STEP_NOFILE = 3,
  STEP_GROUPS = 4,
  STEP_GID = 5,
  STEP_UID = 6,
  STEP_PARENT_DEATH = 7,
  STEP_SIGNALS = 8,
  STEP_EXEC = 9,
};

enum { SWITCH_USER = 1, SET_OOM_SCORE = 2 };

#define REQUEST_MAGIC 0x31525847u /* "GXR1" */
#define MAX_REQUEST_SIZE (64u << 20)

/* Little endian, like both supported machines. */
struct request {
  uint32_t magic, size, flags;
  uint32_t uid, gid, group_count;
  int32_t oom_score_adj;
  uint32_t parent;
  uint64_t ignored_signals;
  struct resource_limit nofile;
  uint32_t argc, envc;
  uint32_t groups[];
};

struct program {
  char *path, **argv, **envp;
};

static _Noreturn void fail(enum step step, long error) {
  uint32_t status[2] = {step, (uint32_t)-error};
  if (sys_write(STATUS_FD, status, sizeof status) != sizeof status) {
    static const char line[] = PROGRAM_NAME ": a child cannot be started, and nobody reads why from descriptor 4\n";
    sys_write(2, line, sizeof line - 1);
  }
  sys_exit_group(CANNOT_EXECUTE);
}

static void *allocate(size_t size) {
  long memory = sys_mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (is_error(memory)) fail(STEP_REQUEST, memory);
  return (void *)memory;
}

/* The request may come through a pipe, piece by piece. */
static void read_fully(void *to, size_t size) {
  for (size_t done = 0; done < size;) {
    long count = sys_read(REQUEST_FD, (char *)to + done, size - done);
    if (count < 0) fail(STEP_REQUEST, count);
    if (count == 0) fail(STEP_REQUEST, -EINVAL);
    done += (size_t)count;
  }
}

static struct request *read_request(void) {
  struct request head;
  read_fully(&head, sizeof head);
  if (head.magic != REQUEST_MAGIC || head.size < sizeof head || head.size > MAX_REQUEST_SIZE || head.argc == 0 ||
      head.argc > head.size || head.envc > head.size || head.group_count > (head.size - sizeof head) / 4) {
    fail(STEP_REQUEST, -EINVAL);
  }
  struct request *request = allocate(head.size);
  *request = head;
  read_fully(request + 1, head.size - sizeof head);
  return request;
}

/* Takes the next NUL-terminated string between *at and end. */
static char *next_string(char **at, const char *end) {
  char *string = *at;
  char *last = string;
  while (last < end && *last) last++;
  if (last == end) fail(STEP_REQUEST, -EINVAL);
  *at = last + 1;
  return string;
}

static struct program parse_program(struct request *request) {
  char *at = (char *)(request->groups + request->group_count);
  const char *end = (char *)request + request->size;
  char **pointers = allocate(((size_t)request->argc + request->envc + 2) * sizeof *pointers);
  struct program program = {next_string(&at, end), pointers, pointers + request->argc + 1};
  for (uint32_t i = 0; i < request->argc; i++) program.argv[i] = next_string(&at, end);
  for (uint32_t i = 0; i < request->envc; i++) program.envp[i] = next_string(&at, end);
  if (at != end) fail(STEP_REQUEST, -EINVAL);
  return program;
}

/* proc_pid_oom_score_adj(5). An error is not fatal: this may be forbidden, or /proc may be read-only. */
static void set_oom_score(int32_t score) {
  struct text text = {0};
  if (score < 0) add_string(&text, "-");
  add_decimal(&text, (uint64_t)(score < 0 ? -(int64_t)score : score));
  long fd = sys_open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  sys_write((int)fd, text.bytes, text.length);
  sys_close((int)fd);
}

/* Node raises the soft limit to the hard one. A hard limit of 0 is not a real limit. It means: do not change the
 * limit. */
static void restore_nofile(const struct resource_limit *limit) {
  if (limit->soft == UINT64_MAX && limit->hard == 0) return;
  sys_prlimit(RLIMIT_NOFILE, limit, 0);
}

/* For setresuid(2), -1 means "do not change". Then the program would stay root. */
#define NO_ID UINT32_MAX

static void switch_user(const struct request *request) {
  if (request->gid == NO_ID) fail(STEP_GID, -EINVAL);
  if (request->uid == NO_ID) fail(STEP_UID, -EINVAL);
  long error = sys_setgroups(request->group_count, request->groups);
  if (error) fail(STEP_GROUPS, error);
  error = sys_setresgid(request->gid);
  if (error) fail(STEP_GID, error);
  error = sys_setresuid(request->uid);
  if (error) fail(STEP_UID, error);
}

/*
 * PR_SET_PDEATHSIG(2const): a change of the effective user clears it, so it is set after that. A parent that died
 * before the call sends no signal, so the parent is checked afterwards.
 */
static void die_with_parent(uint32_t parent) {
  long error = sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (error) fail(STEP_PARENT_DEATH, error);
  if (sys_getppid() != (long)parent) sys_exit_group(CANNOT_EXECUTE);
}

/* execve(2) resets handlers, but keeps SIG_IGN and the mask. */
static void reset_signals(uint64_t ignored) {
  for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    kernel_sigaction action = {.sa_handler = ignored & SIGNAL_BIT(signal) ? SIG_IGN : SIG_DFL};
    long error = sys_sigaction(signal, &action, 0);
    if (error) fail(STEP_SIGNALS, error);
  }
  uint64_t none = 0;
  long error = sys_sigprocmask(SIG_SETMASK, &none, 0);
  if (error) fail(STEP_SIGNALS, error);
}

_Noreturn void exec_step(void) {
  set_close_on_exec_from(REQUEST_FD);
  struct request *request = read_request();
  struct program program = parse_program(request);
  if (request->flags & SET_OOM_SCORE) set_oom_score(request->oom_score_adj);
  restore_nofile(&request->nofile);
  if (request->flags & SWITCH_USER) switch_user(request);
  if (request->parent) die_with_parent(request->parent);
  reset_signals(request->ignored_signals);
  fail(STEP_EXEC, sys_execve(program.path, program.argv, program.envp));
}
