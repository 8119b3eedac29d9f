#pragma once

/* Signals as bit masks: bit n-1 is signal n, as in the kernel's sigset_t on 64-bit machines. */

#include <asm/signal.h>
#include <stdint.h>

#define SIGNAL_BIT(n) (UINT64_C(1) << ((n) - 1))
#define LAST_SIGNAL 64

/* nptl(7): the C library uses the first two real-time signals itself, for thread cancellation and set*id. */
#define C_LIBRARY_SIGNALS (SIGNAL_BIT(32) | SIGNAL_BIT(33))

/* The signals by which a process ends itself: faults, abort(3), and a system call that seccomp traps. */
#define FAULT_SIGNALS                                                                                           \
  (SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGTRAP) |    \
   SIGNAL_BIT(SIGABRT) | SIGNAL_BIT(SIGSYS))
#define LAST_FAULT_SIGNAL SIGSYS

/*
 * The signals that are held back until JavaScript listens: every signal that can be caught, except faults of the
 * process itself (signal(7): blocking a signal that a fault generates is undefined) and signals that are never passed
 * on to a task.
 */
#define HELD_SIGNALS                                                                                             \
  (~(FAULT_SIGNALS | SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGPIPE) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU) |       \
     SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP) | C_LIBRARY_SIGNALS))
