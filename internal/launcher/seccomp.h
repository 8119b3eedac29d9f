#pragma once

/*
 * Ends the process with a line if a seccomp profile forbids a system call that Node or the program needs. Otherwise Node
 * would end by a signal with a stack trace, hang, or blame something else.
 */
void check_seccomp(void);
