/*
 * probe VERB [NUMBER] [ignored…]: runs under each of the compared programs, and prints to stdout when things happen, in
 * nanoseconds of CLOCK_MONOTONIC, which the benchmark's process.hrtime() also uses.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct shared {
  int64_t made_at;
  pid_t pids[];
};

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void say(const char *name, int64_t value) {
  printf("%s=%lld\n", name, (long long)value);
  fflush(stdout);
}

static struct shared *share(long count) {
  return mmap(0, sizeof(struct shared) + (size_t)count * sizeof(pid_t), PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

/* A pid may already be reused: only a zombie is one of ours (proc_pid_stat(5)). */
static int is_zombie(pid_t pid) {
  char text[64];
  snprintf(text, sizeof text, "/proc/%d/stat", pid);
  FILE *file = fopen(text, "r");
  if (!file) return 0;
  char state = 0;
  if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1) state = 0;
  fclose(file);
  return state == 'Z';
}

/* Thousands of zombies that init adopts at the same moment, when their parent ends. */
static void drain(long count) {
  struct shared *shared = share(count);
  if (fork() == 0) {
    for (long i = 0; i < count; i++) {
      if ((shared->pids[i] = fork()) == 0) _exit(0);
    }
    siginfo_t info;
    for (long i = 0; i < count; i++) waitid(P_PID, (id_t)shared->pids[i], &info, WEXITED | WNOWAIT);
    shared->made_at = now();
    _exit(0);
  }
  wait(0);
  for (long i = 0; i < count; i++) {
    while (is_zombie(shared->pids[i])) usleep(100);
  }
  say("drained_ns", now() - shared->made_at);
}

static long forget_the_gone(pid_t *pids, long count) {
  long left = 0;
  for (long i = 0; i < count; i++) {
    if (is_zombie(pids[i])) pids[left++] = pids[i];
  }
  return left;
}

/* One orphan after the other, each ending at once. Counts the existing ones after every hundred. */
static void stream(long count) {
  enum { INTERVAL = 100 };
  struct shared *shared = share(count);
  long there = 0, peak = 0;
  for (long i = 0; i < count; i++) {
    pid_t middle = fork();
    if (middle == 0) {
      if ((shared->pids[there] = fork()) == 0) _exit(0);
      _exit(0);
    }
    waitpid(middle, 0, 0);
    there++;
    if (i % INTERVAL == INTERVAL - 1) {
      there = forget_the_gone(shared->pids, there);
      if (there > peak) peak = there;
    }
  }
  say("peak", peak);
}

static void flood(long bytes) {
  static char chunk[65536];
  memset(chunk, 'x', sizeof chunk);
  while (bytes > 0) {
    ssize_t written = write(STDERR_FILENO, chunk, sizeof chunk);
    if (written <= 0) break;
    bytes -= written;
  }
}

static void sink(void) {
  static char chunk[65536];
  int64_t bytes = 0, first = 0, last = 0;
  for (ssize_t count; (count = read(STDIN_FILENO, chunk, sizeof chunk)) > 0; bytes += count, last = now()) {
    if (!first) first = now();
  }
  say("bytes", bytes);
  say("took_ns", last - first);
}

static volatile sig_atomic_t received;
static int64_t received_at;

static void receive(int signal) {
  (void)signal;
  received_at = now();
  received = 1;
}

static void hear(long count) {
  signal(SIGUSR2, receive);
  say("ready", getpid());
  for (long i = 0; i < count; i++) {
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, &before);
    while (!received) sigsuspend(&before);
    received = 0;
    sigprocmask(SIG_SETMASK, &before, 0);
    say("heard_ns", received_at);
  }
}

int main(int argc, char **argv) {
  const char *verb = argc > 1 ? argv[1] : "";
  long number = argc > 2 ? atol(argv[2]) : 0;
  if (!strcmp(verb, "now") || !strcmp(verb, "fail")) say("now_ns", now());
  if (!strcmp(verb, "drain")) drain(number);
  if (!strcmp(verb, "stream")) stream(number);
  if (!strcmp(verb, "storm")) {
    stream(number);
    sleep(1); /* the health checks have to stop before the orchestrator is gone */
  }
  if (!strcmp(verb, "flood")) flood(number);
  if (!strcmp(verb, "sink")) sink();
  if (!strcmp(verb, "hear")) hear(number);
  if (!strcmp(verb, "rest")) {
    say("ready", getpid());
    sleep((unsigned)number);
  }
  return !strcmp(verb, "fail");
}
