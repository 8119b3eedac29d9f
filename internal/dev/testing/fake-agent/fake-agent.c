/*
 * A stand-in for the task agent, for a custom entrypoint, and for any other process that a test needs. It is static, so
 * it runs in images without other files. Its arguments, up to `_internal` if there is one, are a script of verbs that
 * run in order. At the script's end it exits with status 0. Without a verb before `_internal`, as the container runner
 * starts it, it runs the verbs of the variable FAKE_AGENT_SCRIPT, split at spaces.
 *
 * Output goes to stdout until `into` says otherwise. TEXT may have any byte as %XX.
 *
 *   into=FILE              write what the following verbs print to FILE, which is made or emptied
 *   stdout=TEXT            write TEXT to stdout          stderr=TEXT          write TEXT to stderr
 *   stderr-bytes=N         write N bytes (0123456789…)   stderr-endless       write for ever
 *   stderr-binary=N        write N bytes of which few are valid UTF-8
 *   say=TEXT               print TEXT and a line feed    stdin-echo           print stdin until its end
 *   print=FILE             print a file, such as /proc/self/environ, as it is
 *   print-fds              print the open descriptors, `N -> TARGET` a line
 *   touch=FILE             make FILE                     wait-file=FILE       wait until FILE exists
 *   sleep=MS               wait, whatever signals come   forever              wait for ever
 *   exit=N                 end with status N             raise=N              end by signal N
 *   stop                   stop as by SIGSTOP            eat-memory=MIB       take and fill memory
 *   fill-shared-memory=MIB take and fill System V shared memory, which stays
 *
 * Signals are numbers, separated by commas, or `all`:
 *   trap=LIST              print `got N` for each signal and go on
 *   wait-signals=N         wait until N trapped signals came
 *   ignore=LIST            ignore them                   block=LIST           block them
 *
 * Processes. `end` ends the part of the script that another process runs:
 *   fork … end             a child in this process group runs the part
 *   daemon … end           an orphan in a session of its own runs it, with stdout and stderr as they are
 *   wait                   wait for all children         wait-child           wait for the end of one
 *   init                   a child runs the rest; this process reaps everybody, and ends as the child does
 *   orphans=N              make N orphans that have ended before anybody adopts them
 *   late-orphans=N         make N orphans that end all at once after they were adopted
 *   runaway                make an orphan that forks and exits, again and again, for ever
 *   close=FD               close a descriptor
 *   deny-ipv6              from now on there is no IPv6 for this process and its children
 *   exec PROGRAM ARG…      become another program, with this environment
 *   exec-env=FILE PROGRAM ARG…   likewise, with the environment in FILE, NUL-terminated strings
 */
#include "fake-agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct verb {
  const char *name;
  void (*run)(char *value, char ***script);
} verbs[] = {
    {"into", into},
    {"stdout", write_stdout},
    {"stderr", write_stderr},
    {"stderr-bytes", stderr_bytes},
    {"stderr-endless", stderr_endless},
    {"stderr-binary", stderr_binary},
    {"say", say},
    {"stdin-echo", stdin_echo},
    {"print", print_file},
    {"print-fds", print_fds},
    {"touch", touch},
    {"wait-file", wait_file},
    {"sleep", sleep_ms},
    {"forever", forever},
    {"exit", exit_with},
    {"raise", raise_signal},
    {"stop", stop},
    {"eat-memory", eat_memory},
    {"fill-shared-memory", fill_shared_memory},
    {"trap", trap_signals},
    {"wait-signals", wait_signals},
    {"ignore", ignore_signals},
    {"block", block_signals},
    {"fork", fork_part},
    {"daemon", daemon_part},
    {"wait", wait_children},
    {"wait-child", wait_child},
    {"init", be_init},
    {"orphans", make_orphans},
    {"late-orphans", make_late_orphans},
    {"runaway", run_away},
    {"close", close_fd},
    {"deny-ipv6", deny_ipv6},
    {"exec", exec_rest},
    {"exec-env", exec_with_environment},
};

void die(const char *what) {
  perror(what);
  _exit(120);
}

static const struct verb *find_verb(const char *word, size_t length) {
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
    if (strlen(verbs[i].name) == length && strncmp(verbs[i].name, word, length) == 0) return &verbs[i];
  }
  fprintf(stderr, "fake agent: unknown verb %s\n", word);
  _exit(121);
}

void run_script(char **script) {
  while (*script && strcmp(*script, "_internal") != 0 && strcmp(*script, "end") != 0) {
    char *word = *script++;
    size_t length = strcspn(word, "=");
    find_verb(word, length)->run(word[length] ? word + length + 1 : word + length, &script);
  }
}

/* The words of a text as a script. */
static char **split(char *text) {
  char **words = calloc(strlen(text) / 2 + 2, sizeof *words), **end = words;
  if (!words) die("calloc");
  for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) *end++ = word;
  return words;
}

int main(int argc, char **argv) {
  const char *variable = getenv("FAKE_AGENT_SCRIPT");
  int has_verbs = argc > 1 && strcmp(argv[1], "_internal") != 0;
  run_script(has_verbs || !variable ? argv + 1 : split(strdup(variable)));
  return 0;
}
