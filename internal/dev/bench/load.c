/*
 * load PORT RATE: requests /live of a health server on this machine at a fixed rate until SIGTERM, each time over a new
 * connection, and prints how long the answers took. Each request is timed from when it was due, so a request that had
 * to wait for an earlier one is late, too. A request without an answer counts as 5 s.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The orchestrator accepts 128 connections at a time. */
enum { WORKERS = 100, CAPACITY = 100000, TIMEOUT_S = 5 };

static struct shared {
  volatile sig_atomic_t over;
  int64_t taken_ns[CAPACITY];
} *shared;

static void end(int signal) {
  (void)signal;
  shared->over = 1;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void sleep_until(int64_t at) {
  struct timespec time = {.tv_sec = at / 1000000000, .tv_nsec = at % 1000000000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, 0);
}

static int ask(uint16_t port) {
  static const char question[] = "GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  static const char wanted[] = "HTTP/1.1 200 ";
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct timeval timeout = {.tv_sec = TIMEOUT_S};
  char answer[1024];
  size_t length = 0;
  ssize_t count;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
      send(fd, question, sizeof question - 1, MSG_NOSIGNAL) > 0) {
    while ((count = recv(fd, answer + length, sizeof answer - length, 0)) > 0) length += (size_t)count;
  }
  close(fd);
  return length >= sizeof wanted - 1 && !memcmp(answer, wanted, sizeof wanted - 1);
}

static void work(long first, uint16_t port, int64_t start, int64_t interval) {
  for (long i = first; i < CAPACITY; i += WORKERS) {
    int64_t due = start + i * interval;
    sleep_until(due);
    if (shared->over) return;
    shared->taken_ns[i] = ask(port) ? now() - due : TIMEOUT_S * (int64_t)1000000000;
  }
}

static int compare(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc != 3) return 1;
  shared = mmap(0, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  signal(SIGTERM, end);
  int64_t interval = 1000000000 / atol(argv[2]), start = now() + 20000000;
  for (long i = 0; i < WORKERS; i++) {
    if (fork() == 0) {
      work(i, (uint16_t)atol(argv[1]), start, interval);
      _exit(0);
    }
  }
  while (wait(0) > 0) continue;
  long count = 0;
  for (long i = 0; i < CAPACITY; i++) {
    if (shared->taken_ns[i]) shared->taken_ns[count++] = shared->taken_ns[i];
  }
  qsort(shared->taken_ns, (size_t)count, sizeof *shared->taken_ns, compare);
  printf("asked=%ld\np99_ns=%lld\n", count, (long long)shared->taken_ns[count * 99 / 100]);
  return 0;
}
