#pragma once

#include <stddef.h>

/*
 * A verb gets the text after its `=`, and the place in the script after itself, which it may move. It need not free
 * anything, because the process is short-lived.
 */
#define VERB(name) void name(char *value, char ***script)

/* output.c */
VERB(into);
VERB(write_stdout);
VERB(write_stderr);
VERB(stderr_bytes);
VERB(stderr_endless);
VERB(stderr_binary);
VERB(say);
VERB(stdin_echo);
VERB(print_file);
VERB(print_fds);

/* waiting.c */
VERB(touch);
VERB(wait_file);
VERB(sleep_ms);
VERB(forever);
VERB(exit_with);
VERB(raise_signal);
VERB(stop);
VERB(eat_memory);
VERB(fill_shared_memory);
VERB(close_fd);
VERB(deny_ipv6);

/* signals.c */
VERB(trap_signals);
VERB(wait_signals);
VERB(ignore_signals);
VERB(block_signals);

/* processes.c */
VERB(fork_part);
VERB(daemon_part);
VERB(wait_children);
VERB(wait_child);
VERB(be_init);
VERB(make_orphans);
VERB(make_late_orphans);
VERB(run_away);
VERB(exec_rest);
VERB(exec_with_environment);

/* Runs verbs until the script's end, `end` or `_internal`. */
void run_script(char **script);
/* Prints what failed with errno's text, and ends the process with status 120. */
_Noreturn void die(const char *what);
/* Writes all bytes, and ignores errors. */
void write_all(int fd, const void *bytes, size_t size);
/* The descriptor for print verbs. */
extern int output;
