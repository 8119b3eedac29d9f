/*
 * The first process of a PID namespace that others live in: it waits, and reaps those whose parent is gone. A Pod has it
 * to hold its namespaces, the cluster to end with it.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(int signal) {
  (void)signal;
  while (waitpid(-1, NULL, WNOHANG) > 0) continue;
}

int main(void) {
  if (sigaction(SIGCHLD, &(struct sigaction){.sa_handler = reap, .sa_flags = SA_NOCLDSTOP}, NULL) != 0) return EXIT_FAILURE;
  for (;;) pause();
}
