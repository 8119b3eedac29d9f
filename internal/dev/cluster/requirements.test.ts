import { expect, test } from 'vitest';
import { type Machine, missingPackages, needGo } from './requirements.ts';

const machine = (without: string[] = [], changes: Partial<Machine> = {}): Machine => ({
  platform: 'linux',
  isRoot: true,
  has: (program) => !without.includes(program),
  ...changes,
});

test('a machine that has everything needs no package', () => {
  expect(missingPackages(machine())).toEqual([]);
});

test('a package is needed when its program is missing', () => {
  expect(missingPackages(machine(['etcd', '/usr/lib/cni/ptp']))).toEqual([
    'containernetworking-plugins',
    'etcd-server',
  ]);
});

test.each([
  {
    machine: machine([], { isRoot: false }),
    message: 'a cluster needs Linux, and root: it makes namespaces',
  },
  {
    machine: machine([], { platform: 'darwin' }),
    message: 'a cluster needs Linux, and root: it makes namespaces',
  },
  {
    machine: machine(['etcd', 'apt-get']),
    message: "a cluster needs Debian's packages etcd-server, and there is no apt-get",
  },
])('what cannot be had is said in one line: $message', ({ machine, message }) => {
  expect(() => missingPackages(machine)).toThrow(message);
});

test('an error asks for Go if it is missing', () => {
  expect(() => needGo(() => false)).toThrow(/^Go is missing, /);
  expect(() => needGo(() => true)).not.toThrow();
});
