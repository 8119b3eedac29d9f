#include "processes.h"

#include "report.h"
#include "syscalls.h"

/* Starts a process that shares everything with this one, and that ends when `gate` is opened. Returns its pid. */
long start_waiter(uint32_t *gate);

static _Noreturn void fail(long error) {
  give_up("cannot make the threads that Node.js needs", error, error == -EAGAIN ? LOOK_AT_PROCESSES : LOOK_AT_SECCOMP);
}

static void let_go(uint32_t *gate, const long *waiters, int count) {
  *(volatile uint32_t *)gate = 1;
  sys_futex_wake_all(gate);
  /* Until it is reaped, an ended process counts against the limits, and it is a child that Node does not know. */
  for (int i = 0; i < count; i++) {
    long result = sys_wait((int)waiters[i], 0);
    if (result < 0 && result != -ECHILD) give_up("cannot wait for processes", result, LOOK_AT_SECCOMP);
  }
}

void check_processes(void) {
  uint32_t gate = 0;
  long waiters[PROCESSES_NEEDED], result = 0;
  int count = 0;
  while (count < PROCESSES_NEEDED && (result = start_waiter(&gate)) >= 0) waiters[count++] = result;
  let_go(&gate, waiters, count);
  /* Emulators of another architecture do not know such processes: EINVAL. */
  if (result < 0 && result != -EINVAL) fail(result);
}
