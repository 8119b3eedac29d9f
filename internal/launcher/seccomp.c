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
};

#define CALL(name) {__NR_##name, #name, {-1, 0, 0}}
#define CALL_WITH(name, a, b, c) {__NR_##name, #name, {a, b, c}}

/*
 * Every supported kernel knows these calls. With such arguments each fails, but with other errors than those of a
 * profile, or has no effect. Where profiles look at an argument, it is one that Node uses.
 * acceptance/orchestrator/denied-calls.test.ts has all calls of a task.
 */
static const struct call needed[] = {
    CALL(read), CALL(pread64), CALL(writev), CALL(close), CALL(lseek), CALL(fstat), CALL(newfstatat), CALL(pipe2),
    CALL_WITH(openat, AT_FDCWD, 0, 0), CALL_WITH(fcntl, -1, F_GETFD, 0), CALL_WITH(ioctl, -1, FIOCLEX, 0),
    CALL(munmap), CALL(mprotect), CALL(madvise), CALL_WITH(mmap, 0, 0, PROT_READ),
    CALL(rt_sigaction), CALL(rt_sigprocmask), CALL_WITH(kill, INT32_MAX, 0, 0), CALL_WITH(wait4, INT32_MAX, 0, WNOHANG),
    CALL(getpid), CALL(getppid), CALL(gettid), CALL_WITH(set_tid_address, 0, 0, 0), CALL(sched_getparam),
    CALL(sched_getscheduler), CALL_WITH(prctl, PR_GET_DUMPABLE, 0, 0), CALL(uname), CALL(getrandom),
    CALL_WITH(eventfd2, 0, -1, 0), CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_pwait),
    CALL_WITH(socket, AF_INET, -1, 0), CALL(bind), CALL(listen), CALL(connect), CALL(getsockname), CALL(getsockopt),
    CALL(setsockopt),
#ifdef __x86_64__
    CALL(dup2), CALL_WITH(arch_prctl, ARCH_GET_FS, 0, 0),
#endif
};

/* Profiles answer with EPERM, and engines with ENOSYS to what the profile does not know at all. */
static int is_denial(long result) {
  return result == -EPERM || result == -ENOSYS || result == -EACCES;
}

/* prctl(2), PR_GET_SECCOMP: 0 means that there is no profile, and emulators answer EINVAL. */
static int has_profile(void) {
  long mode = sys_prctl(PR_GET_SECCOMP, 0);
  return mode > 0 || is_denial(mode);
}

static void check(const struct call *call, long result) {
  if (!is_denial(result)) return;
  struct text line = {0};
  add_string(&line, "the seccomp profile of the container forbids the system call ");
  add_string(&line, call->name);
  give_up(line.bytes, result, "allow it, or use the profile that is the engine's default");
}

static long make(const struct call *call) {
  const int *arguments = call->arguments;
  return raw_syscall(call->number, arguments[0], arguments[1], arguments[2], 0, 0, 0);
}

void check_seccomp(void) {
  static const struct call futex = CALL(futex);
  static uint32_t word;
  if (!has_profile()) return;
  for (const struct call *call = needed; call < needed + sizeof needed / sizeof *needed; call++) check(call, make(call));
  /* Without a valid operation it answers ENOSYS. */
  check(&futex, sys_futex_wake_all(&word));
}
