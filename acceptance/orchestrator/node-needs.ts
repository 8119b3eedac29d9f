// The needs of a task on a node. limits.test.ts and denied-calls.test.ts test them, and a test of the documentation
// compares them with the table for operators.

export const KiB = 1024;
export const MiB = 1024 * KiB;

/** A resource limit. */
export interface LimitOfNode {
  /** An option of prlimit(1). */
  readonly limit: string;
  /** A task works with this much. The documentation promises it. */
  readonly least: number;
  /** Values with which a task is refused. It works with the other values. */
  readonly refused: readonly number[];
  readonly works: readonly (number | 'unlimited')[];
  /** Matches the line of a refusal. */
  readonly reason: RegExp;
}

/** With less than 4 KiB of data or a small address space, the kernel cannot start any program. */
export const limits: readonly LimitOfNode[] = [
  {
    limit: 'as',
    least: 1400 * MiB,
    refused: [16 * MiB, 256 * MiB, 512 * MiB, 1280 * MiB, 1400 * MiB - 1],
    works: ['unlimited'],
    reason: /RLIMIT_AS/,
  },
  {
    limit: 'data',
    least: 640 * MiB,
    refused: [4 * KiB, MiB, 16 * MiB, 64 * MiB, 256 * MiB, 640 * MiB - 1],
    works: ['unlimited'],
    reason: /RLIMIT_DATA/,
  },
  {
    limit: 'stack',
    least: 128 * KiB,
    refused: [64 * KiB, 128 * KiB - 1],
    works: [MiB, 8 * MiB, 64 * MiB, 'unlimited'],
    reason: /RLIMIT_STACK/,
  },
  {
    limit: 'nofile',
    least: 32,
    refused: [0, 1, 3, 4, 10, 24, 31],
    works: [64, 1024],
    reason: /RLIMIT_NOFILE/,
  },
  { limit: 'fsize', least: 16 * MiB, refused: [0, KiB, MiB], works: ['unlimited'], reason: /RLIMIT_FSIZE/ },
];

/** The main thread, the threads of Node, and a child. */
export const processesOfTask = 8;

/** System calls of a task (strace -f), by the result if a seccomp profile denies one of them. */
export const calls = {
  works: [
    ...[
      'accept4',
      'access',
      'brk',
      'capget',
      'clock_gettime',
      'clock_nanosleep',
      'clone3',
      'close_range',
      'dup3',
    ],
    ...[
      'exit',
      'fallocate',
      'fchown',
      'getdents64',
      'getegid',
      'geteuid',
      'getgid',
      'getpeername',
      'getrusage',
    ],
    ...['getuid', 'io_uring_setup', 'memfd_create', 'mlock', 'munlockall', 'prlimit64', 'readlink'],
    ...['readlinkat', 'rseq', 'rt_sigpending', 'sched_getaffinity', 'sendmmsg'],
    ...['set_robust_list', 'shutdown', 'sigaltstack', 'statfs', 'statx', 'sysinfo'],
    ...['timer_create', 'timer_delete', 'timer_settime', 'vfork'],
  ],
  handedBack: ['setsid'],
  refused: [
    ...[
      'arch_prctl',
      'bind',
      'clone',
      'close',
      'connect',
      'dup2',
      'epoll_create1',
      'epoll_ctl',
      'epoll_pwait',
    ],
    ...[
      'eventfd2',
      'fcntl',
      'fstat',
      'futex',
      'getpid',
      'getppid',
      'getrandom',
      'gettid',
      'getsockname',
      'getsockopt',
    ],
    ...[
      'io_uring_enter',
      'ioctl',
      'kill',
      'listen',
      'lseek',
      'madvise',
      'mmap',
      'mprotect',
      'munmap',
      'newfstatat',
    ],
    ...[
      'openat',
      'pipe2',
      'prctl',
      'pread64',
      'read',
      'rt_sigaction',
      'rt_sigprocmask',
      'setsockopt',
      'socket',
    ],
    ...['uname', 'wait4', 'writev'],
    ...['sched_getparam', 'sched_getscheduler', 'set_tid_address'],
  ],
  /** For completeness, with the reason why there is no such row. */
  notApplicable: {
    execve: 'no container starts without it',
    exit_group: 'no process of the container could end',
    rt_sigreturn: 'no program could handle a signal',
    write: 'nothing could be said',
  },
} as const;

/** The same for a profile that kills for one of the calls. For every other call, a task is refused in one line. */
export const callsKilledFor = {
  /** A task does not make these: the C library is patched to avoid `clone3`, and the clock needs no system call. */
  works: ['clock_gettime', 'clone3', 'vfork'],
  notApplicable: {
    ...calls.notApplicable,
    clone: 'the process that tries the other calls could not be made',
  },
} as const;

/** A refusal is only on stderr if the termination log cannot be opened or written. */
export const withoutTerminationLog: {
  readonly calls: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
} = { calls: ['openat'], limits: { nofile: 0, fsize: 0 } };
