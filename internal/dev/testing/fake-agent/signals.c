#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake-agent.h"

static volatile sig_atomic_t received;

static void on_signal(int number) {
  char line[] = "got 00\n";
  line[4] = (char)('0' + number / 10);
  line[5] = (char)('0' + number % 10);
  write_all(output, line, sizeof line - 1);
  received++;
}

static sigset_t parse_list(char *list) {
  sigset_t set;
  if (strcmp(list, "all") == 0) {
    sigfillset(&set);
    return set;
  }
  sigemptyset(&set);
  for (char *word = strtok(list, ","); word; word = strtok(NULL, ",")) sigaddset(&set, atoi(word));
  return set;
}

/* Signals that cannot be caught are skipped. */
static void handle(char *list, void (*handler)(int)) {
  sigset_t set = parse_list(list);
  for (int number = 1; number <= SIGRTMAX; number++) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    if (sigismember(&set, number) == 1) sigaction(number, &action, NULL);
  }
}

VERB(trap_signals) {
  (void)script;
  handle(value, on_signal);
}

VERB(ignore_signals) {
  (void)script;
  handle(value, SIG_IGN);
}

VERB(wait_signals) {
  (void)script;
  struct timespec moment = {0, 2000000};
  for (int wanted = atoi(value); received < wanted;) nanosleep(&moment, NULL);
}

VERB(block_signals) {
  (void)script;
  sigset_t set = parse_list(value);
  sigprocmask(SIG_BLOCK, &set, NULL);
}
