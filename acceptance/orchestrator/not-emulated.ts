/**
 * The tags of tests that are left out if qemu-user(1) runs the executable, and the reasons. `./do test-arm64`
 * runs the others. docs/arm64.md has this as a table.
 */
export const notEmulated = [
  {
    name: 'not-emulated/subreaper',
    description:
      'qemu 7.2 refuses `PR_SET_CHILD_SUBREAPER`. Without it only PID 1 can run a task. Tests that work as PID 1 too run as PID 1.',
  },
  {
    name: 'not-emulated/environment',
    description:
      'qemu gives a program its environment in another order, without duplicates and without entries that have no `=`.',
  },
  {
    name: 'not-emulated/proc-files',
    description:
      '`/proc/<pid>/environ` and `cmdline` of an emulated program are qemu’s own. The program cannot overwrite them.',
  },
  {
    name: 'not-emulated/real-time-signals',
    description: 'The numbers of real-time signals differ by two, because qemu uses the first ones itself.',
  },
  {
    name: 'not-emulated/caught-signals',
    description:
      'qemu catches signals before the program does. PID 1 hangs when such a signal has to end it.',
  },
  {
    name: 'not-emulated/little-memory',
    description: 'qemu itself needs some hundred MiB of memory.',
  },
  {
    name: 'not-emulated/seccomp',
    description: 'The filter would be about the system calls of qemu, which are those of this machine.',
  },
  {
    name: 'not-emulated/fast-forks',
    description:
      'On a busy machine the emulated orchestrator is too slow for a native process that forks and exits for ever.',
  },
  {
    name: 'not-emulated/many-tasks',
    description: 'The test runs hundreds of tasks. Emulated, they take a quarter of an hour.',
  },
  {
    name: 'not-emulated/demo',
    description: 'The demo runs the executable for this machine.',
  },
  {
    name: 'not-emulated/other-inits',
    description: 'The other inits are programs of this machine. The tests of this machine run them.',
  },
] as const;

export type NotEmulated = (typeof notEmulated)[number]['name'];

declare module 'vitest' {
  interface TestTags {
    readonly tags: 'quick' | 'timed' | NotEmulated;
  }
}
