/*
 * Prints the monotonic time in ns, which is the same in every container of a machine. Then it becomes the program of
 * its arguments, waits with `forever`, or ends.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  dprintf(1, "clock %lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
  if (argc == 1 || strcmp(argv[1], "_internal") == 0) return 0;
  while (strcmp(argv[1], "forever") == 0) pause();
  execv(argv[1], argv + 1);
  return 127;
}
