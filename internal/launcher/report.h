#pragma once

#define LOOK_AT_PROCESSES "look at the limits of processes and threads (pids limit of the container, RLIMIT_NPROC)"
#define LOOK_AT_SECCOMP "look at the seccomp profile of the container"
#define LOOK_AT_EVERYTHING \
  "look at the limits of memory, processes and threads, and at the seccomp profile and the security modules of the node"

/* The descriptor for lines from now on, instead of 2. */
void report_to(int file);

/* Writes one line to stderr and to the container's termination log: what failed, why (a -errno, or 0) and what to look
 * at. Then it ends the process with status 1. */
_Noreturn void give_up(const char *what, long error, const char *look_at);

/* The same for the file that is being started. Its path follows `what`. */
_Noreturn void give_up_on_file(const char *what, long error, const char *look_at);
