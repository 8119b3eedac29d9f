#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake-agent.h"

int output = 1;

void write_all(int fd, const void *bytes, size_t size) {
  for (const char *at = bytes; size > 0;) {
    ssize_t count = write(fd, at, size);
    if (count < 0 && errno != EINTR && errno != EAGAIN) return;
    if (count < 0) continue;
    at += count;
    size -= (size_t)count;
  }
}

/* Replaces %XX in place. Returns the length, because bytes may be NUL. */
static size_t decode(char *text) {
  char *to = text;
  for (const char *from = text; *from; to++) {
    char digits[3] = {0};
    if (*from == '%' && from[1] && from[2]) {
      memcpy(digits, from + 1, 2);
      *to = (char)strtol(digits, NULL, 16);
      from += 3;
    } else {
      *to = *from++;
    }
  }
  return (size_t)(to - text);
}

static void copy(int from) {
  char buffer[65536];
  for (ssize_t count; (count = read(from, buffer, sizeof buffer)) > 0;) write_all(output, buffer, (size_t)count);
}

VERB(into) {
  (void)script;
  output = open(value, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
  if (output < 0) die(value);
}

VERB(write_stdout) {
  (void)script;
  write_all(1, value, decode(value));
}

VERB(write_stderr) {
  (void)script;
  write_all(2, value, decode(value));
}

static void write_pattern(size_t size, const char *pattern, size_t period) {
  char block[65536];
  for (size_t at = 0; at < size;) {
    size_t count = size - at < sizeof block ? size - at : sizeof block;
    for (size_t i = 0; i < count; i++) block[i] = pattern[(at + i) % period];
    write_all(2, block, count);
    at += count;
  }
}

VERB(stderr_bytes) {
  (void)script;
  write_pattern(strtoul(value, NULL, 10), "0123456789", 10);
}

VERB(stderr_binary) {
  (void)script;
  write_pattern(strtoul(value, NULL, 10), "\xff\xfe\x00\x80\xc3\x28\xf0\x9f\x1b\x5b\x31\x6d", 12);
}

VERB(stderr_endless) {
  (void)value, (void)script;
  for (;;) write_pattern(1u << 20, "0123456789abcde\n", 16);
}

VERB(say) {
  (void)script;
  size_t size = decode(value);
  value[size] = '\n';
  write_all(output, value, size + 1);
}

VERB(stdin_echo) {
  (void)value, (void)script;
  copy(0);
}

VERB(print_file) {
  (void)script;
  int file = open(value, O_RDONLY | O_CLOEXEC);
  if (file < 0) die(value);
  copy(file);
  close(file);
}

VERB(print_fds) {
  (void)value, (void)script;
  DIR *directory = opendir("/proc/self/fd");
  if (!directory) die("/proc/self/fd");
  for (struct dirent *entry; (entry = readdir(directory));) {
    int fd = atoi(entry->d_name);
    char target[PATH_MAX];
    ssize_t length = readlinkat(dirfd(directory), entry->d_name, target, sizeof target);
    if (length < 0 || fd == dirfd(directory) || (fd == output && output > 2)) continue;
    dprintf(output, "%d -> %.*s\n", fd, (int)length, target);
  }
  closedir(directory);
}
