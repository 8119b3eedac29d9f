#pragma once

/*
 * The first step of every child: what can only be done between fork and exec, and Node's spawn does not do.
 * Reads the request from descriptor 3 and becomes the program that it names. On failure the step and the errno go
 * to descriptor 4; it is closed by a successful execve, which is how the parent knows.
 */
_Noreturn void exec_step(void);
