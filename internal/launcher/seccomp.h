#pragma once

/*
 * Ends the process with a line if a seccomp profile forbids a system call that Node or the program needs, or kills a
 * process for a call that tasks make. Otherwise Node would end by a signal, hang, or blame something else.
 */
void check_seccomp(void);
