/*
 * This is preloaded into Node. A crash ends with one line and status 1, not with a signal, which the kernel may discard
 * for PID 1. Node's start resets all dispositions, so changes of these are only noted.
 */

#include "faults.h"

#include <asm/siginfo.h>

#include "../report.h"
#include "../signals.h"
#include "../syscalls.h"
#include "../text.h"
#include "c-library.h"
#include "threads.h"
#include "watch-start.h"

EXPORTED int sigaction(int signal, const struct c_sigaction *action, struct c_sigaction *old);

typedef void (*handler)(int signal, siginfo_t *info, void *context);

/* The handlers that Node has asked for: WebAssembly uses faults. */
static handler nodes[LAST_FAULT_SIGNAL + 1];

static _Alignas(16) char signal_stack[32 * 1024]; /* a stack that is too small must not hide the reason */

static const char *name_of(int signal) {
  switch (signal) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGILL: return "SIGILL";
    case SIGFPE: return "SIGFPE";
    case SIGTRAP: return "SIGTRAP";
    case SIGABRT: return "SIGABRT";
    default: return "SIGSYS";
  }
}

/* sigaction(2), si_code: a process can send these signals, too. PID 1 ignores that, as it would without a handler. */
static int is_sent_by_another(const siginfo_t *info) {
  return info->si_code <= 0 && info->si_pid != sys_getpid();
}

static void act_as_without_handler(int signal) {
  struct c_sigaction action = {.handler = SIG_DFL};
  if (sys_getpid() == 1) return;
  __sigaction(signal, &action, 0);
  sys_kill((int)sys_getpid(), signal); /* delivered when the handler returns */
}

static _Noreturn void fail(int signal, const siginfo_t *info) {
  struct text line = {0};
  if (signal == SIGSYS) {
    add_string(&line, "the seccomp profile forbids system call ");
    add_decimal(&line, (uint64_t)info->si_syscall);
    give_up(line.bytes, 0, 0);
  }
  if (signal == SIGABRT) fail_if_thread_is_missing();
  add_string(&line, "Node.js ended itself by ");
  add_string(&line, name_of(signal));
  add_said(&line);
  give_up(line.bytes, 0, LOOK_AT_EVERYTHING);
}

/* If a fault is not from WebAssembly, Node's handler resets the disposition and sends the signal again. */
static void on_fault(int signal, siginfo_t *info, void *context) {
  if (is_sent_by_another(info)) {
    act_as_without_handler(signal);
  } else if (nodes[signal]) {
    nodes[signal](signal, info, context);
  } else {
    fail(signal, info);
  }
}

static int is_fault(int signal) {
  return signal > 0 && signal <= LAST_FAULT_SIGNAL && FAULT_SIGNALS & SIGNAL_BIT(signal);
}

void catch_faults(void) {
  stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
  struct c_sigaction action = {.handler = (void *)on_fault, .flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
  sys_sigaltstack(&stack);
  for (int signal = 1; signal <= LAST_FAULT_SIGNAL; signal++) {
    if (is_fault(signal)) __sigaction(signal, &action, 0);
  }
}

int sigaction(int signal, const struct c_sigaction *action, struct c_sigaction *old) {
  if (!is_fault(signal)) return __sigaction(signal, action, old);
  if (old) *old = (struct c_sigaction){.handler = (void *)nodes[signal], .flags = SA_SIGINFO};
  if (action) nodes[signal] = (handler)action->handler; /* SIG_DFL is a null pointer */
  return 0;
}
