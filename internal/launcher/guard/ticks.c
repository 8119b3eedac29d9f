#include "ticks.h"

#include <linux/time.h>

#include "../syscalls.h"

long start_ticking(void (*on_tick)(int signal, siginfo_t *info, void *context)) {
  sigevent_t event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = TICK_SIGNAL};
  struct itimerspec every_second = {.it_interval.tv_sec = 1, .it_value.tv_sec = 1};
  kernel_sigaction action;
  int timer;
  event._sigev_un._tid = (int)sys_gettid();
  /* The C library's sigaction refuses this signal, but the way back from its handlers is the same for all. */
  long error = sys_sigaction(SIGABRT, 0, &action);
  action.sa_handler = (void *)on_tick;
  if (!error) error = sys_sigaction(TICK_SIGNAL, &action, 0);
  if (!error) error = sys_timer_create(CLOCK_MONOTONIC, &event, &timer);
  if (!error) error = sys_timer_settime(timer, &every_second);
  return error ? error : timer;
}
