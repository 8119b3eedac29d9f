#pragma once

/* The system calls of the launcher, without a libc. Each returns the kernel's answer: a result, or -errno. */

#include <asm/errno.h>
#include <asm/fcntl.h>
#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/wait.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include "syscall-x86_64.h"
#elif defined(__aarch64__)
#include "syscall-aarch64.h"
#else
#error "only x86-64 and arm64 are supported"
#endif

typedef struct sigaction kernel_sigaction; /* the kernel's layout, not a libc's */

struct resource_limit {
  uint64_t soft, hard;
};

/* mmap(2) returns -errno in the last page of the address space. */
static inline int is_error(long result) {
  return (unsigned long)result >= -4095UL;
}

static inline _Noreturn void sys_exit_group(int status) {
  for (;;) raw_syscall(__NR_exit_group, status, 0, 0, 0, 0, 0);
}

static inline long sys_write(int fd, const void *bytes, size_t size) {
  return raw_syscall(__NR_write, fd, (long)bytes, (long)size, 0, 0, 0);
}

static inline long sys_pread(int fd, void *bytes, size_t size, uint64_t offset) {
  return raw_syscall(__NR_pread64, fd, (long)bytes, (long)size, (long)offset, 0, 0);
}

static inline long sys_open(const char *path, int flags) {
  return raw_syscall(__NR_openat, AT_FDCWD, (long)path, flags, 0, 0, 0);
}

static inline long sys_open_new(const char *path, int flags, int mode) {
  return raw_syscall(__NR_openat, AT_FDCWD, (long)path, flags, mode, 0, 0);
}

static inline long sys_unlink(const char *path) {
  return raw_syscall(__NR_unlinkat, AT_FDCWD, (long)path, 0, 0, 0, 0);
}

static inline long sys_fchmod(int fd, int mode) {
  return raw_syscall(__NR_fchmod, fd, mode, 0, 0, 0, 0);
}

static inline long sys_close(int fd) {
  return raw_syscall(__NR_close, fd, 0, 0, 0, 0, 0);
}

static inline long sys_pipe(int ends[2], int flags) {
  return raw_syscall(__NR_pipe2, (long)ends, flags, 0, 0, 0, 0);
}

static inline long sys_read(int fd, void *bytes, size_t size) {
  return raw_syscall(__NR_read, fd, (long)bytes, (long)size, 0, 0, 0);
}

static inline long sys_dup3(int fd, int target) {
  return raw_syscall(__NR_dup3, fd, target, 0, 0, 0, 0);
}

static inline long sys_lseek(int fd, long offset, int whence) {
  return raw_syscall(__NR_lseek, fd, offset, whence, 0, 0, 0);
}

static inline long sys_readlink(const char *path, char *target, size_t size) {
  return raw_syscall(__NR_readlinkat, AT_FDCWD, (long)path, (long)target, (long)size, 0, 0);
}

static inline long sys_fcntl(int fd, int command, long argument) {
  return raw_syscall(__NR_fcntl, fd, command, argument, 0, 0, 0);
}

static inline long sys_mmap(void *at, size_t size, int protection, int flags, int fd, uint64_t offset) {
  return raw_syscall(__NR_mmap, (long)at, (long)size, protection, flags, fd, (long)offset);
}

static inline long sys_munmap(void *at, size_t size) {
  return raw_syscall(__NR_munmap, (long)at, (long)size, 0, 0, 0, 0);
}

static inline long sys_madvise(void *at, size_t size, int advice) {
  return raw_syscall(__NR_madvise, (long)at, (long)size, advice, 0, 0, 0);
}

static inline long sys_mlock(const void *at, size_t size) {
  return raw_syscall(__NR_mlock, (long)at, (long)size, 0, 0, 0, 0);
}

static inline long sys_munlockall(void) {
  return raw_syscall(__NR_munlockall, 0, 0, 0, 0, 0, 0);
}

static inline long sys_memfd_create(const char *name, unsigned flags) {
  return raw_syscall(__NR_memfd_create, (long)name, flags, 0, 0, 0, 0);
}

static inline long sys_fallocate(int fd, int mode, uint64_t offset, uint64_t size) {
  return raw_syscall(__NR_fallocate, fd, mode, (long)offset, (long)size, 0, 0);
}

static inline long sys_prctl(int option, unsigned long argument) {
  return raw_syscall(__NR_prctl, option, (long)argument, 0, 0, 0, 0);
}

static inline long sys_getppid(void) {
  return raw_syscall(__NR_getppid, 0, 0, 0, 0, 0, 0);
}

static inline long sys_getpid(void) {
  return raw_syscall(__NR_getpid, 0, 0, 0, 0, 0, 0);
}

static inline long sys_gettid(void) {
  return raw_syscall(__NR_gettid, 0, 0, 0, 0, 0, 0);
}

static inline long sys_kill(int pid, int signal) {
  return raw_syscall(__NR_kill, pid, signal, 0, 0, 0, 0);
}

/* wait4(2), for children of any kind. */
static inline long sys_wait(int pid, int *status) {
  return raw_syscall(__NR_wait4, pid, (long)status, __WALL, 0, 0, 0);
}

static inline long sys_futex_wake_all(uint32_t *word) {
  return raw_syscall(__NR_futex, (long)word, FUTEX_WAKE, INT32_MAX, 0, 0, 0);
}

static inline long sys_getrusage(struct rusage *usage) {
  return raw_syscall(__NR_getrusage, RUSAGE_SELF, (long)usage, 0, 0, 0, 0);
}

static inline long sys_timer_create(int clock, void *event, int *timer) {
  return raw_syscall(__NR_timer_create, clock, (long)event, (long)timer, 0, 0, 0);
}

static inline long sys_timer_settime(int timer, const void *value) {
  return raw_syscall(__NR_timer_settime, timer, 0, (long)value, 0, 0, 0);
}

static inline long sys_timer_delete(int timer) {
  return raw_syscall(__NR_timer_delete, timer, 0, 0, 0, 0, 0);
}

static inline long sys_sigaltstack(const void *stack) {
  return raw_syscall(__NR_sigaltstack, (long)stack, 0, 0, 0, 0, 0);
}

static inline long sys_setgroups(size_t count, const uint32_t *groups) {
  return raw_syscall(__NR_setgroups, (long)count, (long)groups, 0, 0, 0, 0);
}

static inline long sys_setresgid(uint32_t gid) {
  return raw_syscall(__NR_setresgid, gid, gid, gid, 0, 0, 0);
}

static inline long sys_setresuid(uint32_t uid) {
  return raw_syscall(__NR_setresuid, uid, uid, uid, 0, 0, 0);
}

static inline long sys_getuid(void) {
  return raw_syscall(__NR_getuid, 0, 0, 0, 0, 0, 0);
}

static inline long sys_prlimit(int resource, const struct resource_limit *limit, struct resource_limit *old) {
  return raw_syscall(__NR_prlimit64, 0, resource, (long)limit, (long)old, 0, 0);
}

static inline long sys_sigaction(int signal, const kernel_sigaction *action, kernel_sigaction *old) {
  return raw_syscall(__NR_rt_sigaction, signal, (long)action, (long)old, sizeof(uint64_t), 0, 0);
}

static inline long sys_sigprocmask(int how, const uint64_t *set, uint64_t *old) {
  return raw_syscall(__NR_rt_sigprocmask, how, (long)set, (long)old, sizeof(uint64_t), 0, 0);
}

static inline long sys_close_range(unsigned first, unsigned last, unsigned flags) {
  return raw_syscall(__NR_close_range, first, last, flags, 0, 0, 0);
}

static inline long sys_getdents(int fd, void *entries, size_t size) {
  return raw_syscall(__NR_getdents64, fd, (long)entries, (long)size, 0, 0, 0);
}

static inline long sys_execve(const char *path, char *const argv[], char *const envp[]) {
  return raw_syscall(__NR_execve, (long)path, (long)argv, (long)envp, 0, 0, 0);
}
