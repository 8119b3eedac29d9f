/** Tests that are left out where qemu-user(1) runs the executable, by the reason. docs/arm64.md is made of this. */
export interface NotEmulated {
  readonly reason: string;
  /** By file in acceptance/: how the full names of the tests begin, those of their groups before them. */
  readonly tests: Readonly<Record<string, readonly string[]>>;
}

export const notEmulated: readonly NotEmulated[] = [
  {
    reason:
      'qemu 7.2 refuses `PR_SET_CHILD_SUBREAPER`, without which a task is run by PID 1 only. Tests that leave the choice run as PID 1.',
    tests: {
      'bad-programs.test.ts': ['ordinary:'],
      'conformance/conformance.test.ts': [
        'orchestrator > passes its terminal on as stdin',
        'orchestrator > leaves nobody behind, where it is not P',
        'orchestrator > takes its child along, where it is not',
      ],
      'environment.test.ts': ['children of an orchestrator, ordinary,'],
      'failures.test.ts': ['the message of an agent, ordinary,'],
      'health.test.ts': ['the health server of an orchestrator, ordinary,'],
      'logs.test.ts': ['a reader of stdout and stderr that stalls, ordinary,'],
      'oom.test.ts': ['when memory runs out, ordinary,'],
      'override.test.ts': ['override, ordinary,'],
      'reaping.test.ts': [
        'an orchestrator, ordinary,',
        'a process that forks and exits for ever is ended, under an init',
      ],
      'run-task.test.ts': ['a task, ordinary'],
      'secrets.test.ts': ['the token of a task, ordinary,'],
      'signals.test.ts': [
        'an orchestrator, ordinary,',
        'while it starts > SIGUSR1 opens no debugger and ends nothing, at whatever moment it comes, ordinary',
        'while it starts > SIGTERM that came before anything began hands the task back, ordinary',
        'while it starts > SIGTERM is not lost, at whatever moment it comes, ordinary',
      ],
      'termination-log.test.ts': ['the message of a failure is in the termination log, ordinary'],
      'termination.test.ts': [
        'SIGINT to an orchestrator, ordinary,',
        'SIGQUIT to an orchestrator, ordinary,',
        'SIGTERM to an orchestrator, ordinary,',
        'an agent that ignores SIGTERM gets SIGKILL 2 s later, ordinary',
        'children die with an orchestrator that is killed by SIGKILL',
      ],
      'users.test.ts': ['the agent runs as > circleci, ordinary, and is ended with all it started'],
    },
  },
  {
    reason:
      'qemu gives a program its environment in another order, without duplicates and without entries that have no `=`.',
    tests: {
      'environment.test.ts': ['children of an orchestrator, pid 1, > get the environment byte for byte'],
      'override.test.ts': ['the environment of the entrypoint is that of the container, byte for byte'],
    },
  },
  {
    reason:
      '`/proc/<pid>/environ` and `cmdline` of an emulated program are qemu’s own, which the program cannot overwrite.',
    tests: {
      'secrets.test.ts': [
        'the token of a task, pid 1, > is in nobody’s argument list and nobody’s environment',
        'a configuration that is a flag is gone from the argument list',
        'not even root with every right finds the configuration in its environment',
      ],
    },
  },
  {
    reason:
      'The numbers of real-time signals differ by two: qemu keeps the first of the machine’s for itself.',
    tests: {
      'conformance/conformance.test.ts': ['orchestrator > tells every signal that a child can die'],
      'failures.test.ts': ['the message of an agent, pid 1, > that is killed by SIGRTMIN'],
      'logs.test.ts': ['an entrypoint that ends by raise=40 is logged'],
      'signals.test.ts': ['an orchestrator, pid 1, > passes every real-time signal on'],
    },
  },
  {
    reason:
      'qemu catches signals before the program does, and one by which the program is to end leaves PID 1 hanging.',
    tests: {
      'conformance/conformance.test.ts': [
        'orchestrator > passes on to the child all signals but',
        'orchestrator > passes them on to the child’s whole',
        'orchestrator > passes none on to another session',
      ],
      'secrets.test.ts': ['a core dump is not made'],
      'signals.test.ts': [
        'while it starts > SIGTERM that came before anything began hands the task back, pid 1',
      ],
    },
  },
  {
    reason: 'qemu needs some hundred MiB of memory itself.',
    tests: {
      'init.test.ts': ['as anybody, anywhere > 64 MiB of memory, for the executable itself'],
      'oom.test.ts': [
        'when memory runs out, pid 1, > many small processes are taken before the orchestrator',
        '32 MiB are enough for the orchestrator, to report a failure too',
      ],
    },
  },
  {
    reason:
      'On a busy machine the emulated orchestrator is too slow for a process of the machine that forks and exits for ever.',
    tests: { 'reaping.test.ts': ['a process that forks and exits for ever is ended, pid 1'] },
  },
  {
    reason: 'Hundreds of tasks, which take a quarter of an hour there.',
    tests: { 'conformance/conformance.test.ts': ['orchestrator > tells every exit status of the child, 0'] },
  },
  {
    reason: 'The demo runs the executable for this machine.',
    tests: { 'demo.test.ts': ['the demo of a task keeps what it promises'] },
  },
  {
    reason: 'The other inits are this machine’s own programs, which the tests of this machine run.',
    tests: {
      'conformance/conformance.test.ts': ['tini', 'dumb-init', 'catatonit'],
    },
  },
];

/** The entry that a test is left out by. */
export function reasonToLeaveOut(file: string, test: string): string | undefined {
  return notEmulated.find(({ tests }) => tests[file]?.some((start) => test.startsWith(start)))?.reason;
}

/** How the names begin that are in the list, and that no test of the file has. */
export function namesOfNoTest(file: string, tests: readonly string[]): string[] {
  const listed = notEmulated.flatMap((entry) => entry.tests[file] ?? []);
  return listed.filter((start) => !tests.some((test) => test.startsWith(start)));
}

/** docs/arm64.md */
export function renderNotEmulated(): string {
  const groups = notEmulated.flatMap(({ reason, tests }) => [
    `${reason}\n`,
    ...Object.entries(tests).flatMap(([file, starts]) => starts.map((start) => `- \`${file}\`: ${start} …`)),
    '',
  ]);
  return [introduction, ...groups].join('\n');
}

const introduction = `# What is tested of arm64

On an arm64 machine \`./do test\` runs every test. On another one \`./do test-arm64\` builds the executable for arm64 and runs the
acceptance tests with it, by qemu-user; \`./do test-arm64 --quick\` runs a few of each kind, and \`.ci/run\` does that. Only the
orchestrator itself is emulated: agents, shells and other inits are the machine's own.

It takes root, and Linux 6.7 or newer with \`binfmt_misc\`: since then a user namespace can say by itself what runs files of another
machine, so that nothing changes for the rest of this one. In a container it takes \`CAP_SYS_ADMIN\`.

Not run at all are the tests in containers (\`acceptance/orchestrator/containers\`), as a Docker engine is outside of that namespace, and the unit
tests, which are about the sources and this machine's launcher.

## Left out

These tests are skipped, each with its reason in the report. Made of \`acceptance/orchestrator/not-emulated.ts\`: \`./do test acceptance/not-emulated -u\`
writes it anew.
`;
