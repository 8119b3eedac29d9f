/*
 * deny-calls ACTION CALL… -- PROGRAM ARGUMENT…: executes the program under a seccomp filter, like a container's
 * profile. The action is the filter's result, a number (seccomp(2)). A call is a number, or number:n:mask to deny it
 * only if its argument n, from 0, has a bit of the mask.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define OFFSET(member) ((unsigned)offsetof(struct seccomp_data, member))

enum { MAX_CALLS = 40 };

static struct sock_filter filter[5 * MAX_CALLS + 1];
static unsigned short length;

static void add(struct sock_filter instruction) {
  filter[length++] = instruction;
}

static void deny(const char *call, unsigned action) {
  char *end;
  unsigned number = (unsigned)strtoul(call, &end, 10);
  unsigned argument = *end == ':' ? (unsigned)strtoul(end + 1, &end, 10) : 0;
  unsigned mask = *end == ':' ? (unsigned)strtoul(end + 1, 0, 0) : 0;
  add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, OFFSET(nr)));
  add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, mask ? 3 : 1));
  if (mask) {
    add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, OFFSET(args) + 8 * argument));
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, mask, 0, 1));
  }
  add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

int main(int argc, char **argv) {
  unsigned action = argc > 1 ? (unsigned)strtoul(argv[1], 0, 0) : 0;
  int i = 2;
  for (; i < argc && strcmp(argv[i], "--") != 0 && i < MAX_CALLS; i++) deny(argv[i], action);
  if (i + 1 >= argc || strcmp(argv[i], "--") != 0) return 2;
  add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  struct sock_fprog program = {length, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
    perror("deny-calls");
    return 2;
  }
  execvp(argv[i + 1], argv + i + 1);
  perror(argv[i + 1]);
  return 127;
}
