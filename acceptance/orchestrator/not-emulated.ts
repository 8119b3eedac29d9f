/**
 * The tags of tests that are left out where qemu-user(1) runs the executable, and why. `./do test-arm64` runs the others;
 * docs/arm64.md has this as a table.
 */
export const notEmulated = [
  {
    name: 'not-emulated/subreaper',
    description:
      'qemu 7.2 refuses `PR_SET_CHILD_SUBREAPER`, without which a task is run by PID 1 only. Tests that leave the choice run as PID 1.',
  },
  {
    name: 'not-emulated/environment',
    description:
      'qemu gives a program its environment in another order, without duplicates and without entries that have no `=`.',
  },
  {
    name: 'not-emulated/proc-files',
    description:
      '`/proc/<pid>/environ` and `cmdline` of an emulated program are qemu’s own, which the program cannot overwrite.',
  },
  {
    name: 'not-emulated/real-time-signals',
    description:
      'The numbers of real-time signals differ by two: qemu keeps the first of the machine’s for itself.',
  },
  {
    name: 'not-emulated/caught-signals',
    description:
      'qemu catches signals before the program does, and one by which the program is to end leaves PID 1 hanging.',
  },
  {
    name: 'not-emulated/little-memory',
    description: 'qemu needs some hundred MiB of memory itself.',
  },
  {
    name: 'not-emulated/fast-forks',
    description:
      'On a busy machine the emulated orchestrator is too slow for a process of the machine that forks and exits for ever.',
  },
  {
    name: 'not-emulated/many-tasks',
    description: 'Hundreds of tasks, which take a quarter of an hour there.',
  },
  {
    name: 'not-emulated/demo',
    description: 'The demo runs the executable for this machine.',
  },
  {
    name: 'not-emulated/other-inits',
    description: 'The other inits are this machine’s own programs, which the tests of this machine run.',
  },
] as const;

export type NotEmulated = (typeof notEmulated)[number]['name'];

declare module 'vitest' {
  interface TestTags {
    readonly tags: 'quick' | NotEmulated;
  }
}
