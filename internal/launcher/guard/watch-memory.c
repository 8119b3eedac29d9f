/*
 * A program that has exempted itself from the OOM killer may be the last process in a container that files in memory
 * fill, such as those of a tmpfs. Then the kernel repeats each of its page faults for ever (mm/oom_kill.c,
 * pagefault_out_of_memory), or drops each page of code soon after it was read. The kernel handles signals in between.
 * So a handler runs every second. It is locked in memory with all that it needs. If JavaScript did not run for long, it
 * ends the process with a line.
 */

#include "../report.h"
#include "../syscalls.h"
#include "c-library.h"
#include "guard.h"
#include "ticks.h"

/* Longer than liveness probes usually wait, because a throttled disk can make every page fault take a second. Ticks
 * that pass before one is handled count as one. So a process is not ended because it was stopped, or because a single
 * read from a disk took long. */
#ifndef SECONDS_WITHOUT_JAVASCRIPT
#define SECONDS_WITHOUT_JAVASCRIPT 60
#endif
#define AS_STRING(macro) AS_STRING_UNEXPANDED(macro)
#define AS_STRING_UNEXPANDED(text) #text

/* For the line: writing to a pipe and opening a file need some memory. */
enum { RESERVE = 256 << 10 };

static struct {
  void *reserve;
  volatile int seconds;
} watch;

void note_javascript_runs(void) {
  watch.seconds = 0;
}

static void on_tick(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  if (info->si_code != SI_TIMER || ++watch.seconds < SECONDS_WITHOUT_JAVASCRIPT) return;
  sys_munmap(watch.reserve, RESERVE);
  give_up("this process got no further for " AS_STRING(SECONDS_WITHOUT_JAVASCRIPT) " s, so the end of the task may not "
          "be reported", 0,
          "most likely files in memory, such as those of a tmpfs or System V shared memory, fill the container: they "
          "stay when the job's processes end");
}

static int is_in(const struct dl_phdr_info *library, const Elf64_Phdr *segment, void *address) {
  return segment->p_type == PT_LOAD && (uint64_t)address - library->bias - segment->p_vaddr < segment->p_memsz;
}

/* Locks the library with this function. */
static int lock_own(struct dl_phdr_info *library, size_t size, void *data) {
  const Elf64_Phdr *end = library->headers + library->header_count;
  long *error = data;
  int is_own = 0;
  (void)size;
  for (const Elf64_Phdr *segment = library->headers; segment < end; segment++) {
    if (is_in(library, segment, (void *)on_tick)) is_own = 1;
  }
  if (!is_own) return 0;
  for (const Elf64_Phdr *segment = library->headers; segment < end && !*error; segment++) {
    if (segment->p_type == PT_LOAD) *error = sys_mlock((void *)(library->bias + segment->p_vaddr), segment->p_memsz);
  }
  return 1;
}

/* The C library's few instructions that return from a handler. On arm64, the kernel brings its own. */
static long lock_return(void) {
  enum { SIZE = 16 };
  kernel_sigaction action;
  long error = sys_sigaction(SIGABRT, 0, &action);
  if (error || !(action.sa_flags & SA_RESTORER)) return error;
  return sys_mlock((void *)action.sa_restorer, SIZE);
}

static long start_watching(void) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
  long reserve = sys_mmap(0, RESERVE, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (is_error(reserve)) return reserve;
  watch.reserve = (void *)reserve;
  long timer = start_ticking(on_tick);
  if (timer >= 0) return 0;
  sys_munmap(watch.reserve, RESERVE);
  return timer;
}

/* Returns 0 or -errno. */
long watch_memory(void) {
  long error = 0;
  dl_iterate_phdr(lock_own, &error);
  if (!error) error = lock_return();
  if (!error) error = start_watching();
  if (error) sys_munlockall(); /* nothing else in this process is locked */
  return error;
}
