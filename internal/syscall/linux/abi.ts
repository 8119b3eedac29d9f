/*
 * The numbers of the binary interfaces of Linux and the C library, by their names in the headers. abi.test.ts
 * compares every export with the headers of the compilers of both architectures.
 */

/** asm/unistd.h of each architecture, by Node's name for it. */
export const systemCallNumbers = {
  x64: {
    bind: 49,
    execve: 59,
    fadvise64: 221,
    exit_group: 231,
    fcntl: 72,
    getsockname: 51,
    kill: 62,
    listen: 50,
    pipe2: 293,
    prctl: 157,
    prlimit64: 302,
    rt_sigaction: 13,
    rt_sigpending: 127,
    rt_sigprocmask: 14,
    setsockopt: 54,
    socket: 41,
  },
  arm64: {
    bind: 200,
    execve: 221,
    fadvise64: 223,
    exit_group: 94,
    fcntl: 25,
    getsockname: 204,
    kill: 129,
    listen: 201,
    pipe2: 59,
    prctl: 167,
    prlimit64: 261,
    rt_sigaction: 134,
    rt_sigpending: 136,
    rt_sigprocmask: 135,
    setsockopt: 208,
    socket: 198,
  },
} as const;

export const ESRCH = 3;

export const F_SETFD = 2;
export const F_SETFL = 4;
export const F_DUPFD_CLOEXEC = 1030;
export const F_SETPIPE_SZ = 1031;
export const O_CLOEXEC = 0o2000000;
export const O_NONBLOCK = 0o4000;
export const POSIX_FADV_RANDOM = 1;

export const AF_INET = 2;
export const AF_INET6 = 10;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_TCP = 6;
export const IPV6_V6ONLY = 26;
export const SOCK_CLOEXEC = 0o2000000;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_STREAM = 1;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const TCP_DEFER_ACCEPT = 9;

export const POSIX_SPAWN_SETSID = 0x80;
export const PR_SET_CHILD_SUBREAPER = 36;
export const PR_SET_NAME = 15;
export const RLIMIT_NOFILE = 7;
export const WNOHANG = 1;

/** One more than the last signal. */
export const _NSIG = 65;
export const SIG_DFL = 0n;
export const SIG_IGN = 1n;
export const SIG_UNBLOCK = 1;

/** The sizes of structures, and the offsets of the members that are used, in bytes. */
export const structures = {
  'struct rlimit64': { size: 16, members: { rlim_cur: 0, rlim_max: 8 } },
  'struct sockaddr_in': { size: 16, members: { sin_family: 0, sin_port: 2, sin_addr: 4 } },
  'struct sockaddr_in6': {
    size: 28,
    members: { sin6_family: 0, sin6_port: 2, sin6_addr: 8, sin6_scope_id: 24 },
  },
} as const;

/**
 * Structures of the C library. Only the first member is known, and `room` is larger than in any version, in
 * bytes. Zeros in the rest are the initial values that the library's own functions set.
 */
export const zeroedStructures = {
  posix_spawn_file_actions_t: { room: 256 },
  posix_spawnattr_t: { room: 512, first: '__flags' },
} as const;
