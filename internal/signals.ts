import { constants } from 'node:os';

/** The highest signal number on Linux, SIGRTMAX; signal(7). */
export const highestSignal = 64;
/** glibc uses 32 and 33 for its threads: nptl(7). */
const firstRealTimeSignal = 34;

/**
 * The signals that are never passed on: the two that cannot be caught, faults of this process itself, signals
 * about its own children and pipes, and the two with which a terminal stops background readers and writers.
 */
const keptSignals = new Set<NodeJS.Signals>([
  'SIGKILL',
  'SIGSTOP',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
  'SIGSYS',
  'SIGCHLD',
  'SIGPIPE',
  'SIGTTIN',
  'SIGTTOU',
]);

/** The signals that ask for the end of the task: an image may name any of them as its STOPSIGNAL. */
export const terminationSignals: ReadonlySet<number> = new Set([
  constants.signals.SIGTERM,
  constants.signals.SIGINT,
  constants.signals.SIGQUIT,
]);

// Where two names share a number (SIGIOT, SIGPOLL, SIGUNUSED), the first is the common one.
const nameByNumber = new Map<number, NodeJS.Signals>();
for (const [name, number] of Object.entries(constants.signals)) {
  if (!nameByNumber.has(number)) {
    nameByNumber.set(number, name as NodeJS.Signals);
  }
}

/** Every signal that is passed on to children, by number. */
export const forwardedSignals: readonly number[] = [
  ...[...nameByNumber].filter(([, name]) => !keptSignals.has(name)).map(([number]) => number),
  ...Array.from(
    { length: highestSignal - firstRealTimeSignal + 1 },
    (_, index) => firstRealTimeSignal + index,
  ),
];

/** `SIGTERM` for 15, `SIGRTMIN+6` for 40, `signal 32` for a signal without a name. */
export function signalName(signal: number): string {
  const name = nameByNumber.get(signal);
  if (name !== undefined) return name;
  if (signal < firstRealTimeSignal || signal > highestSignal) return `signal ${signal}`;
  return signal === firstRealTimeSignal ? 'SIGRTMIN' : `SIGRTMIN+${signal - firstRealTimeSignal}`;
}

/** The name for process.on(). Undefined for real-time signals, because Node has no names for them. */
export function nodeSignal(signal: number): NodeJS.Signals | undefined {
  return nameByNumber.get(signal);
}
