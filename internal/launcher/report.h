#pragma once

/* Writes one line to stderr: what failed, why (a -errno, or 0) and what to look at. Then it ends the process with
 * status 1. */
_Noreturn void give_up(const char *what, long error, const char *look_at);

/* The same for the file that is being started. Its path follows `what`. */
_Noreturn void give_up_on_file(const char *what, long error, const char *look_at);
