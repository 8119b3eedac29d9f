import type { NotEmulated } from '../not-emulated.ts';
import * as ends from './acts-of-ends.ts';
import * as processes from './acts-of-processes.ts';
import * as refusals from './acts-of-refusals.ts';
import type { Supervisor } from './programs.ts';

export interface Behaviour {
  /** What an init has to do. */
  readonly behaviour: string;
  readonly act: ends.Act;
  /** The result if the behaviour holds, in the words of the act. */
  readonly holds: string;
  /** The results of programs that differ. */
  readonly differs?: Partial<Record<Supervisor, string>>;
  /** Why they differ. */
  readonly why?: string;
  /** It needs root and the pids controller of cgroups, version 1. */
  readonly needsCgroup?: boolean;
  /** Why it is not tested with an orchestrator that is emulated. */
  readonly notEmulated?: NotEmulated;
}

const peers = (words: string) => ({ tini: words, 'tini -g': words, 'dumb-init': words, catatonit: words });

const howEndsAreTold: readonly Behaviour[] = [
  {
    behaviour: 'reports every exit status of the child, 0 to 255',
    act: ends.tellsStatuses,
    holds: 'all',
    notEmulated: 'not-emulated/many-tasks',
  },
  {
    behaviour: 'reports every signal that a child can die of',
    act: ends.tellsSignals,
    holds: 'all',
    notEmulated: 'not-emulated/real-time-signals',
  },
  {
    behaviour: 'distinguishes exit status 137 from death by SIGKILL',
    act: ends.tellsApart,
    holds: 'told apart',
    differs: peers('the same'),
    why: 'The others only have an exit status. The orchestrator sends a message, and exits with 0 once it is delivered.',
  },
  {
    behaviour: 'notices the end of a child that is faster than its parent',
    act: ends.keepsQuickEnds,
    holds: 'all',
  },
  {
    behaviour: 'does not take an orphan’s status for the child’s (42)',
    act: ends.takesNobodyElses,
    holds: 'exit 42',
  },
  {
    behaviour: 'does not take a stop for an end (5), and continues the child with SIGCONT',
    act: ends.survivesStops,
    holds: 'exit 5',
  },
  {
    behaviour: 'reports the status of a child (6) that ends after SIGTERM',
    act: ends.endsOnRequest,
    holds: 'exit 6',
  },
];

const whatCannotStart: readonly Behaviour[] = [
  {
    behaviour: 'says that the child does not exist',
    act: refusals.refusesMissing,
    holds: 'refused ENOENT',
    differs: { tini: 'status 127', 'tini -g': 'status 127', 'dumb-init': 'status 2', catatonit: 'status 1' },
    why: 'The orchestrator names the cause and hands the task back.',
  },
  {
    behaviour: 'says that the child may not be executed',
    act: refusals.refusesForbidden,
    holds: 'refused EACCES',
    differs: { tini: 'status 126', 'tini -g': 'status 126', 'dumb-init': 'status 2', catatonit: 'status 1' },
  },
  {
    behaviour: 'does not give a file that is not a program (and would exit with 9) to a shell',
    act: refusals.refusesFormat,
    holds: 'refused ENOEXEC',
    differs: peers('status 9'),
    why: 'execvp(3) gives it to the image’s shell, but an image may have no shell.',
  },
  {
    behaviour: 'says that arguments and environment have become too long',
    act: refusals.refusesLongArguments,
    holds: 'refused E2BIG',
    differs: peers('status 0'),
    why: 'The test lowers the limit while the orchestrator waits for the readiness file. The others do not wait, so the arguments still fit.',
  },
  {
    behaviour: 'says that it cannot make a process',
    act: refusals.refusesFork,
    holds: 'refused EAGAIN',
    differs: peers('status 1'),
    needsCgroup: true,
  },
  {
    behaviour: 'says at its start that there are too few descriptors (24)',
    act: refusals.refusesDescriptors,
    holds: 'exit 1',
    differs: peers('status 0'),
    why: 'The others need none of their own. The orchestrator needs 32. A container has at least 1,024.',
  },
];

const whatChildrenGet: readonly Behaviour[] = [
  {
    behaviour: 'starts the child with an empty signal mask, whatever its own mask is',
    act: processes.beginsWith('block=all', 'SigBlk'),
    holds: 'none',
    differs: { tini: 'nearly all', 'tini -g': 'nearly all', catatonit: 'nearly all' },
    why: 'Signals are never blocked for a container on purpose. A job with blocked signals could not be ended.',
  },
  {
    behaviour: 'keeps a signal ignored that was ignored at its start (1, as by nohup)',
    act: processes.beginsWith('ignore=1', 'SigIgn'),
    holds: '1',
    differs: { 'dumb-init': 'none' },
  },
  { behaviour: 'keeps the working directory', act: processes.keepsDirectory, holds: 'kept' },
  {
    behaviour: 'passes on only the descriptors 0, 1 and 2',
    act: processes.passesDescriptors,
    holds: '0 1 2',
    differs: peers('0 1 2 7 9'),
    why: 'The others pass everything on. A job must not get descriptors that a container engine left open.',
  },
  {
    behaviour: 'passes its terminal on as stdin',
    act: processes.passesTerminal,
    holds: 'the terminal',
    differs: { orchestrator: 'pipe' },
    why: 'The agent reads its token there.',
    notEmulated: 'not-emulated/subreaper',
  },
];

const whoIsReapedAndEnded: readonly Behaviour[] = [
  { behaviour: 'reaps a burst of 10,000 orphans', act: processes.reapsBurst, holds: 'reaped' },
  { behaviour: 'reaps a stream of orphans', act: processes.reapsStream, holds: 'reaped' },
  {
    behaviour: 'reaps orphans that all end at once, with a single SIGCHLD',
    act: processes.reapsAllAtOnce,
    holds: 'reaped',
  },
  {
    behaviour: 'reaps the grandchildren of daemons',
    act: processes.reapsGrandchildren,
    holds: 'reaped',
  },
  {
    behaviour: 'leaves no process behind if it is not PID 1, neither a daemon nor one of the child’s group',
    act: processes.leavesBehind,
    holds: 'nobody',
    differs: { tini: '2 of 2', 'tini -g': '2 of 2', 'dumb-init': '1 of 2', catatonit: '2 of 2' },
    why: 'The others rely on the end of the PID namespace. A task that was handed back must not go on here.',
    notEmulated: 'not-emulated/subreaper',
  },
  {
    behaviour: 'takes its child along when it is killed, even if it is not PID 1',
    act: processes.diesWithParent,
    holds: 'dies',
    differs: peers('lives on'),
    why: 'The orchestrator sets PR_SET_PDEATHSIG. tini -p concerns the parent of tini.',
    notEmulated: 'not-emulated/subreaper',
  },
];

const kept = '4 5 6 7 8 11';
const ofTerminals = '21 22';

const whoGetsSignals: readonly Behaviour[] = [
  {
    behaviour: 'passes on to the child all signals except faults and the terminal’s',
    act: processes.receives('leader'),
    holds: `all but ${kept} ${ofTerminals} 31`,
    differs: {
      orchestrator: `all but 2 3 ${kept} 13 15 ${ofTerminals} 31`,
      'dumb-init': 'all but 20 21 22',
      catatonit: `all but ${kept} 20 ${ofTerminals} 31`,
    },
    why: 'INT, QUIT and TERM start the grace period, in which the agent may end by itself. PIPE concerns the orchestrator’s own pipes.',
    notEmulated: 'not-emulated/caught-signals',
  },
  {
    behaviour: 'passes them on to the child’s whole group',
    act: processes.receives('member'),
    holds: `all but 2 3 ${kept} 13 15 ${ofTerminals} 31`,
    differs: {
      tini: 'none',
      'tini -g': `all but ${kept} ${ofTerminals} 31`,
      'dumb-init': 'all but 20 21 22',
      catatonit: 'none',
    },
    notEmulated: 'not-emulated/caught-signals',
  },
  {
    behaviour: 'passes none on to another session',
    act: processes.receives('session'),
    holds: 'none',
    notEmulated: 'not-emulated/caught-signals',
  },
];

export const rows: readonly Behaviour[] = [
  ...howEndsAreTold,
  ...whatCannotStart,
  ...whatChildrenGet,
  ...whoIsReapedAndEnded,
  ...whoGetsSignals,
];
