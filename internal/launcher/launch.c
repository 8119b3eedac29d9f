#include <linux/auxvec.h>

#include "container-limits.h"
#include "exec-step.h"
#include "handover.h"
#include "image.h"
#include "libraries.h"
#include "processes.h"
#include "report.h"
#include "seccomp.h"
#include "secrets.h"
#include "signals.h"
#include "start-state.h"
#include "text.h"
#include "trailer.h"

_Noreturn void launch(uint64_t *stack);

/* The settings that Node changes for itself. Children must get the original values. */
struct inherited {
  uint64_t ignored_signals;
  struct resource_limit nofile;
};

static uint64_t ignored_signals(void) {
  uint64_t ignored = 0;
  for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
    kernel_sigaction action;
    if (sys_sigaction(signal, 0, &action) == 0 && action.sa_handler == SIG_IGN) ignored |= SIGNAL_BIT(signal);
  }
  return ignored;
}

static void note_inherited(struct inherited *inherited) {
  inherited->ignored_signals = ignored_signals();
  if (sys_prlimit(RLIMIT_NOFILE, 0, &inherited->nofile)) {
    inherited->nofile = (struct resource_limit){.soft = UINT64_MAX, .hard = 0}; /* exec-step.c: leave it alone */
  }
}

/* Node also raises its soft limit to the hard one, but only after the launcher and the loader have opened their
 * descriptors. */
static void raise_descriptor_limit(const struct resource_limit *limit) {
  if (limit->soft > limit->hard) return; /* it could not be read */
  struct resource_limit raised = {.soft = limit->hard, .hard = limit->hard};
  sys_prlimit(RLIMIT_NOFILE, &raised, 0);
}

/* In addition to 0, 1 and 2. With fewer than 19, Node's own start ends in an abort or a segmentation fault. With fewer
 * than 29, no task with a custom entrypoint can be started. */
enum { DESCRIPTORS_NEEDED = 29 };

/* The remaining descriptors count, not the limit: the parent process may have left others open. */
static void check_descriptors(void) {
  int opened[DESCRIPTORS_NEEDED], count = 0;
  for (long fd; count < DESCRIPTORS_NEEDED && (fd = sys_fcntl(0, F_DUPFD_CLOEXEC, 0)) >= 0;) opened[count++] = (int)fd;
  for (int i = 0; i < count; i++) sys_close(opened[i]);
  if (count < DESCRIPTORS_NEEDED) {
    give_up("cannot start with so few open files", 0,
            "29 must be left of the hard limit of open files (RLIMIT_NOFILE, ulimit -Hn)");
  }
}

/* The needs of Node's own start. With less, it ends in an abort or a segmentation fault, without a message. */
enum { STACK_NEEDED = 128 << 10, ADDRESS_SPACE_NEEDED = 1400 << 20, DATA_NEEDED = 640 << 20 };

static void check_limits(void) {
  struct resource_limit limit;
  if (sys_prlimit(RLIMIT_STACK, 0, &limit) == 0 && limit.soft < STACK_NEEDED) {
    give_up("cannot start with so small a stack", 0, "the limit of the stack (RLIMIT_STACK) must be 128 KiB or more");
  }
  if (sys_prlimit(RLIMIT_AS, 0, &limit) == 0 && limit.soft < ADDRESS_SPACE_NEEDED) {
    give_up("cannot start with so little address space", 0,
            "the limit of virtual memory (RLIMIT_AS, ulimit -v) must be 1400 MiB or more");
  }
  /* getrlimit(2): it counts writable mappings since Linux 4.7, and V8 reserves one for code. */
  if (sys_prlimit(RLIMIT_DATA, 0, &limit) == 0 && limit.soft < DATA_NEEDED) {
    give_up("cannot start with so little data", 0,
            "the limit of data (RLIMIT_DATA, ulimit -d) must be 640 MiB or more");
  }
}

/* Twice the size of the file. With this much, the page cache keeps everything that the start reads. */
enum { AMPLE_MEMORY = 256 << 20 };

static int is_memory_scarce(void) {
  return memory_limit(0) < AMPLE_MEMORY;
}

/* The job gets no core dump, no ptrace and no /proc/<pid>/mem, and no signal is lost before JavaScript listens. */
static void protect(void) {
  uint64_t held = HELD_SIGNALS;
  sys_prctl(PR_SET_DUMPABLE, 0);
  sys_prctl(PR_SET_NAME, (unsigned long)PROGRAM_NAME);
  sys_sigprocmask(SIG_SETMASK, &held, 0);
}

/*
 * If 0, 1 or 2 is closed, a descriptor of ours must not get that number: logs would be written to it. Without /dev/null
 * the reading end of a pipe is used. It reads as an empty file and refuses writes.
 */
static void fill_standard_descriptors(void) {
  for (int fd = 0; fd <= 2; fd++) {
    int ends[2];
    if (sys_fcntl(fd, F_GETFD, 0) != -EBADF || sys_open("/dev/null", O_RDWR) == fd) continue;
    if (sys_pipe(ends, 0)) give_up("cannot open a descriptor in place of a closed one", 0, "0, 1 and 2 should be open");
    sys_close(ends[1]);
  }
}

static int open_own_file(void) {
  long file = sys_open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (file == -ENOENT) give_up("cannot open /proc/self/exe", file, "/proc must be mounted");
  if (file == -EACCES) give_up_on_file("cannot read", file, "the file needs read permission as well as execute permission");
  if (file < 0) give_up("cannot open /proc/self/exe", file, "/proc must be mounted and readable");
  return (int)file;
}

static void describe_handoff(struct text *handoff, struct block environment, const struct inherited *inherited) {
  add_string(handoff, "LAUNCHER_HANDOFF=environ=");
  add_decimal(handoff, environment.at);
  add_string(handoff, ":");
  add_decimal(handoff, environment.size);
  add_string(handoff, " ignored=");
  add_hex64(handoff, inherited->ignored_signals);
  add_string(handoff, " nofile=");
  add_decimal(handoff, inherited->nofile.soft);
  add_string(handoff, ":");
  add_decimal(handoff, inherited->nofile.hard);
}

static _Noreturn void start_node(struct start_state *state) {
  struct inherited inherited;
  struct trailer trailer;
  struct text handoff = {0}, preload = {0};
  struct image node, loader;
  uint64_t page_size = auxiliary_value(state, AT_PAGESZ);

  fill_standard_descriptors();
  note_inherited(&inherited);
  raise_descriptor_limit(&inherited.nofile);
  check_descriptors();
  check_limits();
  check_processes();
  int file = open_own_file();
  read_trailer(file, &trailer);
  describe_handoff(&handoff, take_environment(state), &inherited);
  add_string(&preload, "LD_PRELOAD=");
  copy_libraries(file, &trailer, &preload);
  int is_scarce = is_memory_scarce();
  map_image(file, find_part(&trailer, PART_NODE), page_size, is_scarce, &node);
  map_image(file, find_part(&trailer, PART_LOADER), page_size, is_scarce, &loader);
  sys_close(file);

  /* Without these, the image's files would be read. A time zone that does not exist is UTC: tzset(3). */
  const char *const environment[] = {preload.bytes, handoff.bytes, "OPENSSL_CONF=/dev/null",
                                     "TZ=:/proc/-/utc", 0};
  hand_over(state, environment, &node, &loader);
}

/* Called by _start with the kernel's stack: argc, argv, 0, envp, 0, auxiliary vector. */
_Noreturn void launch(uint64_t *stack) {
  struct start_state state;
  parse_start_state(stack, &state);
  if (STARTS_CHILDREN && state.argc == 1 && is_equal(state.argv[0], PROGRAM_NAME "-exec")) exec_step();
  check_seccomp();
  protect();
  start_node(&state);
}
