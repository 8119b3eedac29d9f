#pragma once

/*
 * The first step of every child. It does the work that is only possible between fork and exec, and that Node's spawn
 * does not do. It reads the request from descriptor 3 and executes the program in it. On failure it writes the step and
 * the errno to descriptor 4. A successful execve closes descriptor 4, and this tells the parent.
 */
_Noreturn void exec_step(void);
