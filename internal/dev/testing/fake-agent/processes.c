#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-agent.h"

static pid_t fork_or_die(void) {
  pid_t pid = fork();
  if (pid < 0) die("fork");
  return pid;
}

/* The place after the part's own `end`. The part may contain other parts. */
static char **behind_part(char **script) {
  for (int depth = 1; *script && depth > 0; script++) {
    if (strcmp(*script, "fork") == 0 || strcmp(*script, "daemon") == 0) depth++;
    if (strcmp(*script, "end") == 0) depth--;
  }
  return script;
}

static _Noreturn void run_part(char **script) {
  run_script(script);
  _exit(0);
}

VERB(fork_part) {
  (void)value;
  if (fork_or_die() == 0) run_part(*script);
  *script = behind_part(*script);
}

VERB(daemon_part) {
  (void)value;
  pid_t between = fork_or_die();
  if (between == 0) {
    setsid();
    if (fork_or_die() == 0) run_part(*script);
    _exit(0);
  }
  waitpid(between, NULL, 0);
  *script = behind_part(*script);
}

VERB(wait_children) {
  (void)value, (void)script;
  while (wait(NULL) > 0 || errno == EINTR) continue;
}

VERB(wait_child) {
  (void)value, (void)script;
  while (wait(NULL) < 0 && errno == EINTR) continue;
}

VERB(be_init) {
  (void)value;
  pid_t child = fork_or_die();
  if (child == 0) run_part(*script);
  int status = 0;
  for (pid_t ended = 0; ended != child;) ended = wait(&status);
  if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
  _exit(128 + WTERMSIG(status));
}

VERB(make_orphans) {
  (void)script;
  pid_t between = fork_or_die();
  if (between == 0) {
    for (int count = atoi(value); count > 0; count--) {
      if (fork_or_die() == 0) _exit(0);
    }
    _exit(0);
  }
  waitpid(between, NULL, 0);
}

VERB(make_late_orphans) {
  (void)script;
  int gate[2];
  if (pipe2(gate, O_CLOEXEC) != 0) die("pipe2");
  pid_t between = fork_or_die();
  if (between == 0) {
    close(gate[1]);
    for (int count = atoi(value); count > 0; count--) {
      char byte;
      if (fork_or_die() == 0) _exit((int)read(gate[0], &byte, 1));
    }
    _exit(0);
  }
  waitpid(between, NULL, 0);
  close(gate[0]);
  close(gate[1]);
}

VERB(run_away) {
  (void)value, (void)script;
  if (fork_or_die() > 0) return;
  for (;;) {
    setsid();
    if (fork_or_die() > 0) _exit(0);
  }
}

VERB(exec_rest) {
  (void)value;
  execv((*script)[0], *script);
  die((*script)[0]);
}

VERB(exec_with_environment) {
  static char block[1 << 20];
  char *environment[4096] = {0};
  int file = open(value, O_RDONLY | O_CLOEXEC);
  ssize_t size = read(file, block, sizeof block);
  if (size < 0) die(value);
  size_t count = 0;
  for (char *at = block; at < block + size; at += strlen(at) + 1) environment[count++] = at;
  execve((*script)[0], *script, environment);
  die((*script)[0]);
}
