/*
 * This is preloaded into Node. Every failure before JavaScript runs ends with one line on stderr and status 1: a hang,
 * a crash, or Node's own error. Node's output on stderr until then, such as a stack trace, goes to a pipe, and the line
 * quotes it.
 */

#include "watch-start.h"

#include <asm/siginfo.h>
#include <linux/resource.h>

#include "../report.h"
#include "../signals.h"
#include "../syscalls.h"
#include "c-library.h"
#include "faults.h"
#include "guard.h"
#include "ticks.h"

/*
 * A start that waits this long without using the processor or reading its file waits in vain. The seconds only count
 * while the main thread gets to run, so a start without processor time is not ended.
 */
enum { QUIET_SECONDS = 7, QUIET_MICROSECONDS = 200 };

/* The processor time in which even an emulated start completes. */
enum { BUSY_SECONDS = 9 };

enum { NONE = -1 };

static struct {
  int is_over;
  int real_stderr, pipe, timer;
  uint64_t used_microseconds, major_faults;
  int quiet_seconds;
} start = {.real_stderr = NONE, .pipe = NONE, .timer = NONE};

int is_start_over(void) {
  return start.is_over;
}

static int is_letter(char c) {
  return c > ' ' && c != '#';
}

/* V8 and Node frame their messages with lines of `#`, and lines of `-` come before a stack trace. */
void add_said(struct text *line) {
  char said[400];
  long size = start.pipe == NONE ? 0 : sys_read(start.pipe, said, sizeof said - 1);
  said[size < 0 ? 0 : size] = 0;
  const char *separator = ": ";
  for (const char *at = said; *at && !starts_with(at, "---");) {
    if (!is_letter(*at)) {
      at++;
      continue;
    }
    add_string(line, separator);
    for (; is_letter(*at); at++) add_string(line, (char[2]){*at, 0});
    separator = " ";
  }
}

static _Noreturn void fail(const char *what) {
  struct text line = {0};
  add_string(&line, what);
  add_said(&line);
  give_up(line.bytes, 0, LOOK_AT_EVERYTHING);
}

static uint64_t microseconds(struct __kernel_old_timeval time) {
  return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static void on_tick(int signal, siginfo_t *info, void *context) {
  struct rusage usage;
  (void)signal, (void)context;
  if (info->si_code != SI_TIMER || start.is_over || sys_getrusage(&usage)) return;
  uint64_t used = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
  uint64_t major_faults = (uint64_t)usage.ru_majflt;
  int is_quiet = used - start.used_microseconds < QUIET_MICROSECONDS && major_faults == start.major_faults;
  start.quiet_seconds = is_quiet ? start.quiet_seconds + 1 : 0;
  start.used_microseconds = used;
  start.major_faults = major_faults;
  if (start.quiet_seconds == QUIET_SECONDS) fail("the start of Node.js hangs");
  if (used > BUSY_SECONDS * UINT64_C(1000000)) fail("the start of Node.js does not finish");
}

static void divert_stderr(void) {
  int ends[2];
  long copy = sys_fcntl(2, F_DUPFD_CLOEXEC, 3);
  if (copy < 0 || sys_pipe(ends, O_CLOEXEC | O_NONBLOCK)) return;
  start.real_stderr = (int)copy;
  start.pipe = ends[0];
  report_to(start.real_stderr);
  sys_dup3(ends[1], 2);
  sys_close(ends[1]);
}

/* on_exit(3), for an exit before JavaScript has run. */
static void on_early_end(int status, void *data) {
  (void)data;
  if (!start.is_over && status) fail("Node.js gave up its start");
}

__attribute__((constructor)) static void watch_start(void) {
  divert_stderr();
  catch_faults();
  on_exit(on_early_end, 0);
  start.timer = (int)start_ticking(on_tick); /* after an error, the start is not watched, and may still succeed */
}

/* Passes on what Node has written during a good start, for example a warning. */
void end_start(void) {
  char said[512];
  long size;
  start.is_over = 1;
  if (start.timer >= 0) sys_timer_delete(start.timer);
  if (start.pipe == NONE) return;
  sys_dup3(start.real_stderr, 2);
  report_to(2);
  while ((size = sys_read(start.pipe, said, sizeof said)) > 0) sys_write(2, said, (size_t)size);
  sys_close(start.real_stderr);
  sys_close(start.pipe);
  start.pipe = NONE;
}
