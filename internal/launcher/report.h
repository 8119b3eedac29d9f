#pragma once

/* Says on stderr, in one line, what failed, why (a -errno, or 0) and what to look at, and ends the process with status 1. */
_Noreturn void give_up(const char *what, long error, const char *look_at);

/* The same about the file that is being started, whose path is put behind `what`. */
_Noreturn void give_up_on_file(const char *what, long error, const char *look_at);
