/*
 * This is preloaded into Node. Node's start sets the signal mask to {SIGUSR1} and the dispositions to their defaults,
 * long before JavaScript can listen. A SIGTERM before that would end the process, or be lost if it is PID 1. The
 * launcher has blocked the signals. This code keeps them blocked, whatever Node asks for, until JavaScript releases
 * them. The C library's own calls, in pthread_create and fork, do not use this symbol, so they do not run this code.
 */

#include "../signals.h"
#include "../syscalls.h"
#include "c-library.h"
#include "guard.h"

EXPORTED int pthread_sigmask(int how, const uint64_t *set, uint64_t *old);
EXPORTED int sigprocmask(int how, const uint64_t *set, uint64_t *old);

static volatile int is_holding = 1;

/* pthread_sigmask(3): the C library also never blocks its own signals. */
static uint64_t adjust(int how, uint64_t set) {
  if (how == SIG_UNBLOCK) return is_holding ? set & ~HELD_SIGNALS : set;
  if (how == SIG_SETMASK && is_holding) set |= HELD_SIGNALS;
  return set & ~C_LIBRARY_SIGNALS;
}

/* Answers with an error number, as pthread_sigmask(3) does. */
int pthread_sigmask(int how, const uint64_t *set, uint64_t *old) {
  uint64_t adjusted = set ? adjust(how, *set) : 0;
  return (int)-sys_sigprocmask(how, set ? &adjusted : 0, old);
}

int sigprocmask(int how, const uint64_t *set, uint64_t *old) {
  int error = pthread_sigmask(how, set, old);
  if (error) *__errno_location() = error;
  return error ? -1 : 0;
}

/* Called on the thread that gets the signals. Pending signals are delivered before this returns. */
void release_signals(void) {
  uint64_t held = HELD_SIGNALS;
  is_holding = 0;
  sys_sigprocmask(SIG_UNBLOCK, &held, 0);
}
