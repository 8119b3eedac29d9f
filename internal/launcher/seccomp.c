#include "seccomp.h"

#include <asm/ioctls.h>
#ifdef __x86_64__
#include <asm/prctl.h>
#endif

#include "report.h"
#include "syscalls.h"
#include "text.h"

#ifndef AF_INET /* socket(2): only the C library has a header for it */
#define AF_INET 2
#endif

/* An array of characters for the name, because a pointer would have to be relocated. */
struct call {
  int number;
  char name[20];
  int arguments[3];
  int may_fail; /* Node and the program can do without it */
};

#define CALL_WITH(name, a, b, c) {__NR_##name, #name, {a, b, c}, 0}
#define CALL(name) CALL_WITH(name, -1, 0, 0)
#define MAY_FAIL(name) {__NR_##name, #name, {-1, 0, 0}, 1}

/*
 * Every supported kernel has the calls that may not fail. With these arguments, each call has no effect, or fails with
 * another error than those of a profile. If profiles check an argument, it has a value that Node uses.
 * acceptance/orchestrator/denied-calls.test.ts has all calls of a task.
 */
static const struct call calls[] = {
    CALL_WITH(prctl, PR_GET_DUMPABLE, 0, 0), /* make_calls makes this call before all others */
    CALL(read), CALL(pread64), CALL(writev), CALL(close), CALL(lseek), CALL(fstat), CALL(newfstatat), CALL(pipe2),
    CALL_WITH(openat, AT_FDCWD, 0, 0), CALL_WITH(fcntl, -1, F_GETFD, 0), CALL_WITH(ioctl, -1, FIOCLEX, 0),
    CALL(munmap), CALL(mprotect), CALL(madvise), CALL_WITH(mmap, 0, 0, PROT_READ),
    CALL(rt_sigaction), CALL(rt_sigprocmask), CALL_WITH(kill, INT32_MAX, 0, 0), CALL_WITH(wait4, INT32_MAX, 0, WNOHANG),
    CALL(getpid), CALL(getppid), CALL(gettid), CALL_WITH(set_tid_address, 0, 0, 0), CALL(sched_getparam),
    CALL(sched_getscheduler), CALL(uname), CALL(getrandom),
    CALL_WITH(eventfd2, 0, -1, 0), CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_pwait),
    CALL_WITH(socket, AF_INET, -1, 0), CALL(bind), CALL(listen), CALL(connect), CALL(getsockname), CALL(getsockopt),
    CALL(setsockopt),
    CALL_WITH(futex, 0, FUTEX_WAKE, 0), /* an invalid operation would give ENOSYS */
    MAY_FAIL(accept4), MAY_FAIL(brk), MAY_FAIL(capget), MAY_FAIL(clock_nanosleep), MAY_FAIL(close_range),
    MAY_FAIL(dup3), MAY_FAIL(fallocate), MAY_FAIL(fchown), MAY_FAIL(getdents64), MAY_FAIL(getegid), MAY_FAIL(geteuid),
    MAY_FAIL(getgid), MAY_FAIL(getpeername), MAY_FAIL(getrusage), MAY_FAIL(getuid), MAY_FAIL(io_uring_enter),
    MAY_FAIL(io_uring_setup), MAY_FAIL(memfd_create), MAY_FAIL(mlock), MAY_FAIL(munlockall), MAY_FAIL(prlimit64),
    MAY_FAIL(readlinkat), MAY_FAIL(rseq), MAY_FAIL(rt_sigpending), MAY_FAIL(sched_getaffinity), MAY_FAIL(sendmmsg),
    MAY_FAIL(set_robust_list), MAY_FAIL(setsid), MAY_FAIL(shutdown), MAY_FAIL(sigaltstack), MAY_FAIL(statfs),
    MAY_FAIL(statx), MAY_FAIL(sysinfo), MAY_FAIL(timer_create), MAY_FAIL(timer_delete), MAY_FAIL(timer_settime),
#ifdef __x86_64__
    CALL(dup2), CALL_WITH(arch_prctl, ARCH_GET_FS, 0, 0), MAY_FAIL(access), MAY_FAIL(readlink),
#endif
    {__NR_exit, "exit", {0, 0, 0}, 1}, /* the last call: it ends the process that makes the calls */
};

/* The current call, in the memory that both processes share. */
static const struct call *volatile current;
static volatile int has_failed;

/* Starts a process that shares this one's memory, waits for its end, and returns its pid. */
long start_borrower(void (*run)(void), void *stack);

/* Profiles answer EPERM, and engines answer ENOSYS to calls that are newer than the profile. */
static int is_denial(long result) {
  return result == -EPERM || result == -ENOSYS || result == -EACCES;
}

/* prctl(2), PR_GET_SECCOMP: 0 means that there is no profile. Emulators answer EINVAL. */
static int has_profile(void) {
  long mode = sys_prctl(PR_GET_SECCOMP, 0);
  return mode > 0 || is_denial(mode);
}

static _Noreturn void fail(const char *what, const struct call *call, long error, const char *look_at) {
  struct text line = {0};
  add_string(&line, "the seccomp profile of the container ");
  add_string(&line, what);
  add_string(&line, call->name);
  give_up(line.bytes, error, look_at);
}

static void say_what_kills(void) {
  const char *look_at = current->may_fail ? "allow it, or answer it with an error" : "allow it";
  fail("kills processes that make the system call ", current, 0, look_at);
}

static void make(const struct call *call) {
  const int *arguments = call->arguments;
  long result = raw_syscall(call->number, arguments[0], arguments[1], arguments[2], 0, 0, 0);
  if (call->may_fail || !is_denial(result)) return;
  has_failed = 1;
  fail("forbids the system call ", call, result, "allow it, or use the profile that is the engine's default");
}

/*
 * Runs in its own process, because a profile may kill it. The kernel would then dump its core, and before Linux 5.16
 * that would end all processes that share its memory. So there a profile that kills for prctl ends this one, too. A
 * process with its own memory would not help: to learn how that ended, this one would have to make a call such as wait4,
 * for which the profile may kill, too.
 */
static void make_calls(void) {
  sys_prctl(PR_SET_DUMPABLE, 0);
  if (!has_profile()) sys_exit_group(0);
  for (; current < calls + sizeof calls / sizeof *calls; current++) make(current);
}

static long start(void (*run)(void)) {
  _Alignas(16) char stack[8 << 10];
  return start_borrower(run, stack + sizeof stack);
}

/* The profile may also kill for the calls that write the line to the termination log. */
static _Noreturn void fail_as_killed(void) {
  start(say_what_kills);
  sys_exit_group(1);
}

void check_seccomp(void) {
  int status = 0;
  current = calls;
  long process = start(make_calls);
  if (process < 0) return; /* check_processes says why */
  if (has_failed) sys_exit_group(1);
  if (current->number == __NR_wait4) fail_as_killed();
  sys_wait((int)process, &status);
  if ((status & 0x7f) == SIGSYS) fail_as_killed();
}
