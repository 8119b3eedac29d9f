import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { forwardedSignals, nodeSignal, signalName, terminationSignals } from './signals.ts';

const numbers = constants.signals;

describe('what is passed on', () => {
  test.each([
    ...(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGTERM', 'SIGSTKFLT'] as const),
    ...(['SIGCONT', 'SIGTSTP', 'SIGURG', 'SIGXCPU', 'SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH'] as const),
    ...(['SIGIO', 'SIGPWR'] as const),
  ])('%s', (name) => {
    expect(forwardedSignals).toContain(numbers[name]);
  });

  test('every real-time signal that glibc leaves to programs', () => {
    expect(forwardedSignals.filter((signal) => signal > 31)).toEqual(
      Array.from({ length: 31 }, (_, index) => 34 + index),
    );
  });

  test.each([
    ...(['SIGKILL', 'SIGSTOP', 'SIGCHLD', 'SIGPIPE', 'SIGTTIN', 'SIGTTOU'] as const),
    ...(['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGSYS'] as const),
  ])('not %s', (name) => {
    expect(forwardedSignals).not.toContain(numbers[name]);
  });

  test('each once, and none of the signals of Linux is forgotten', () => {
    expect(new Set(forwardedSignals).size).toBe(forwardedSignals.length);
    expect(forwardedSignals).toHaveLength(64 - 2 - 13);
  });
});

test('TERM, INT and QUIT ask for the end', () => {
  expect([...terminationSignals].sort((a, b) => a - b)).toEqual([2, 3, 15]);
});

describe('names', () => {
  test.each([
    [1, 'SIGHUP'],
    [6, 'SIGABRT'],
    [9, 'SIGKILL'],
    [15, 'SIGTERM'],
    [29, 'SIGIO'],
    [31, 'SIGSYS'],
    [34, 'SIGRTMIN'],
    [35, 'SIGRTMIN+1'],
    [64, 'SIGRTMIN+30'],
    [32, 'signal 32'],
    [33, 'signal 33'],
    [65, 'signal 65'],
  ])('%d is %s', (number, name) => {
    expect(signalName(number)).toBe(name);
  });

  test('exist in Node for all signals except real-time ones', () => {
    expect(forwardedSignals.filter((signal) => nodeSignal(signal) === undefined)).toEqual(
      forwardedSignals.filter((signal) => signal >= 34),
    );
    expect(nodeSignal(15)).toBe('SIGTERM');
  });
});
