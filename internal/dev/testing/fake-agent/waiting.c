#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fake-agent.h"

static void wait_ms(long ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
}

VERB(touch) {
  (void)script;
  int file = open(value, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) die(value);
  close(file);
}

VERB(wait_file) {
  (void)script;
  while (access(value, F_OK) != 0) wait_ms(5);
}

VERB(sleep_ms) {
  (void)script;
  wait_ms(atol(value));
}

VERB(forever) {
  (void)value, (void)script;
  for (;;) pause();
}

VERB(exit_with) {
  (void)script;
  _exit(atoi(value));
}

VERB(raise_signal) {
  (void)script;
  int number = atoi(value);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  signal(number, SIG_DFL);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  kill(getpid(), number);
}

VERB(stop) {
  (void)value, (void)script;
  kill(getpid(), SIGSTOP);
}

VERB(eat_memory) {
  (void)script;
  size_t size = strtoul(value, NULL, 10) << 20;
  char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) die("mmap");
  memset(memory, 1, size);
}

/* shmctl(2): without IPC_RMID, the segment outlives this process. */
VERB(fill_shared_memory) {
  size_t size = strtoul(value, NULL, 10) << 20;
  int segment = shmget(IPC_PRIVATE, size, 0600);
  char *at = segment < 0 ? (char *)-1 : shmat(segment, NULL, 0);
  (void)script;
  if (at == (char *)-1) die("shared memory");
  memset(at, 1, size);
}

VERB(close_fd) {
  (void)script;
  close(atoi(value));
}

/* Makes socket(AF_INET6, …) fail as on a kernel that was started without IPv6. */
VERB(deny_ipv6) {
  (void)value, (void)script;
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) die("seccomp");
}
