#include "report.h"

#include "syscalls.h"
#include "text.h"

static int report_file = 2;

void report_to(int file) {
  report_file = file;
}

static const char *describe(long error) {
  switch (-error) {
    case EAGAIN: return "resource temporarily unavailable (EAGAIN)";
    case EPERM: return "operation not permitted (EPERM)";
    case ENOENT: return "no such file or directory (ENOENT)";
    case EIO: return "input/output error (EIO)";
    case EACCES: return "permission denied (EACCES)";
    case ENOMEM: return "out of memory (ENOMEM)";
    case EEXIST: return "address in use (EEXIST)";
    case EINVAL: return "invalid argument (EINVAL)";
    case ENFILE: return "too many open files in the system (ENFILE)";
    case EMFILE: return "too many open files (EMFILE)";
    case EFBIG: return "file too large (EFBIG)";
    case ENOSPC: return "no space left (ENOSPC)";
    case ENOSYS: return "not known to this kernel (ENOSYS)";
    default: return 0;
  }
}

static void add_error(struct text *line, long error) {
  const char *description = describe(error);
  add_string(line, ": ");
  if (description) {
    add_string(line, description);
  } else {
    add_string(line, "error ");
    add_decimal(line, (uint64_t)-error);
  }
}

/* proc_pid_exe(5): readlink adds no NUL. Without /proc only the program's name is known. */
static void add_own_path(struct text *line) {
  char path[512];
  long size = sys_readlink("/proc/self/exe", path, sizeof path - 1);
  path[size < 0 ? 0 : size] = 0;
  add_string(line, size < 0 ? "the " PROGRAM_NAME "'s executable" : path);
}

static long open_termination_log(void) {
  return sys_open("/dev/termination-log", O_WRONLY | O_TRUNC | O_NONBLOCK | O_CLOEXEC);
}

/* Kubernetes reads it from there (Pod API, terminationMessagePath). Elsewhere there is no such file. */
static void write_termination_log(const struct text *line) {
  long file = open_termination_log();
  if (file == -EMFILE) {
    sys_close(0); /* nothing reads from it any more */
    file = open_termination_log();
  }
  if (file >= 0) sys_write((int)file, line->bytes, line->length);
}

static _Noreturn void end(struct text *line, long error, const char *look_at) {
  if (error) add_error(line, error);
  if (look_at) {
    add_string(line, "; ");
    add_string(line, look_at);
  }
  line->bytes[line->length++] = '\n';
  sys_write(report_file, line->bytes, line->length);
  write_termination_log(line);
  sys_exit_group(1);
}

_Noreturn void give_up(const char *what, long error, const char *look_at) {
  struct text line = {0};
  add_string(&line, PROGRAM_NAME ": ");
  add_string(&line, what);
  end(&line, error, look_at);
}

_Noreturn void give_up_on_file(const char *what, long error, const char *look_at) {
  struct text line = {0};
  add_string(&line, PROGRAM_NAME ": ");
  add_string(&line, what);
  add_string(&line, " ");
  add_own_path(&line);
  end(&line, error, look_at);
}
