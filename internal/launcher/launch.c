#include <linux/auxvec.h>

#include "exec-step.h"
#include "report.h"
#include "syscalls.h"
#include "text.h"

_Noreturn void launch(unsigned long *stack);

/* Called by _start with the stack as the kernel has left it: argc, argv, 0, envp, 0, auxiliary vector. */
_Noreturn void launch(unsigned long *stack) {
  char **argv = (char **)(stack + 1);
  set_own_path(stack[0] ? argv[0] : "the file that was started");
  if (stack[0] == 1 && is_equal(argv[0], "orchestrator-exec")) exec_step();
  give_up_on_file("there is no program in", 0, "this is the bare launcher");
}
