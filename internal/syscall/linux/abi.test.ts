import { dlopen, type FunctionSignature, toString as textAt } from 'node:ffi';
import { constants as constantsOfNode } from 'node:os';
import { describe, expect, test } from 'vitest';
import { assertion, compilers, complaintsAbout } from '../../dev/testing/c-compilers.ts';
import type { Architecture } from '../../packer/architecture.ts';
import { forwardedSignals } from '../../signals.ts';
import { errnoName } from '../system-error.ts';
import * as abi from './abi.ts';
import { signatures } from './c-library.ts';
import { UV_SIGNAL } from './watch-signals.ts';

const includes = `
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
`;

const constants = Object.entries(abi).flatMap(([name, value]) =>
  typeof value === 'number' || typeof value === 'bigint' ? [{ name, value }] : [],
);
const highestErrno = 133;
const errnos = Array.from({ length: highestErrno }, (_, index) => index + 1)
  .map((value) => ({ name: errnoName(value), value }))
  .filter(({ name }) => !name.startsWith('errno '));

function compare(architecture: Architecture, source: readonly string[]): string {
  return complaintsAbout(includes + source.join('\n'), architecture, import.meta.dirname);
}

/** The types of node:ffi in C. */
const types = {
  i32: 'int32_t',
  u32: 'uint32_t',
  i64: 'int64_t',
  u64: 'uint64_t',
  buffer: 'void *',
  pointer: 'void *',
} as const;

/** A function in C that calls another one, with the signature that node:ffi uses for it. */
function caller(name: string, signature: FunctionSignature): string {
  const type = (ffi = '') => types[ffi as keyof typeof types];
  const parameters = (signature.arguments ?? []).map((ffi, index) => `${type(String(ffi))} p${index}`);
  const call = `${name}(${parameters.map((_, index) => `p${index}`).join(', ')})`;
  const result = type(String(signature.return));
  return [
    `${result} call_${name}(${parameters.join(', ')}) {`,
    assertion(`sizeof(${call}) == sizeof(${result})`),
    `return (${result})${call};}`,
  ].join('\n');
}

describe.each(compilers)('the headers of $title have the same', ({ architecture, isThere }) => {
  const same = test.runIf(isThere);

  same('numbers of system calls', () => {
    const numbers = abi.systemCallNumbers[architecture === 'amd64' ? 'x64' : 'arm64'];
    const asserted = Object.entries(numbers).map(([name, number]) => assertion(`SYS_${name} == ${number}`));
    expect(compare(architecture, asserted)).toBe('');
  });

  same('constants', () => {
    expect(constants.length).toBeGreaterThan(20);
    const asserted = constants.map(({ name, value }) => assertion(`(uintptr_t)${name} == ${value}`));
    expect(compare(architecture, asserted)).toBe('');
  });

  same('names of errors', () => {
    const asserted = errnos.map(({ name, value }) => assertion(`${name} == ${value}`));
    expect(compare(architecture, asserted)).toBe('');
  });

  same('structures', () => {
    const asserted = Object.entries(abi.structures).flatMap(([type, { size, members }]) => [
      assertion(`sizeof(${type}) == ${size}`),
      ...Object.entries(members).map(([name, offset]) =>
        assertion(`offsetof(${type}, ${name}) == ${offset}`),
      ),
    ]);
    expect(compare(architecture, asserted)).toBe('');
  });

  same('first members of structures that fit into the room for them', () => {
    const asserted = Object.entries(abi.zeroedStructures).flatMap(([type, structure]) => [
      assertion(`sizeof(${type}) <= ${structure.room}`),
      ...('first' in structure ? [assertion(`offsetof(${type}, ${structure.first}) == 0`)] : []),
    ]);
    expect(compare(architecture, asserted)).toBe('');
  });

  same('signatures of functions', () => {
    const ofLibuv = (name: string) => name.startsWith('uv_');
    const callers = Object.entries(signatures)
      .filter(([name]) => !ofLibuv(name))
      .map(([name, signature]) => caller(name, signature));
    expect(compare(architecture, callers)).toBe('');
  });
});

for (const { architecture, title, isThere } of compilers) {
  test.runIf(isThere).each([
    ['a number of a system call', assertion('SYS_bind == 1')],
    ['a constant', assertion('F_SETFD == 1')],
    ['a name without a number', assertion('NO_SUCH_NAME == 1')],
    ['a number of parameters', caller('waitpid', { arguments: ['i32', 'i32'], return: 'i32' })],
    ['a parameter', caller('malloc_trim', { arguments: ['i32'], return: 'i32' })],
    ['a result', caller('splice', { ...signatures.splice, return: 'i32' })],
  ])(`%s that is not as in the headers of ${title} is noticed`, (_, source) => {
    expect(compare(architecture, [source])).toContain('error: ');
  });
}

const { lib } = dlopen(null);

test.each(['posix_spawn_file_actions', 'posix_spawnattr'] as const)(
  'the C library begins %s with zeros, too',
  (name) => {
    const structure = Buffer.alloc(abi.zeroedStructures[`${name}_t`].room, 0xff);
    expect(lib.getFunction(`${name}_init`, { arguments: ['buffer'], return: 'i32' })(structure)).toBe(0);
    const size = structure.indexOf(0xff);
    expect(size).toBeGreaterThan(0);
    expect(structure).toEqual(
      Buffer.concat([Buffer.alloc(size), Buffer.alloc(structure.length - size, 0xff)]),
    );
  },
);

test('the C library leaves all real-time signals to programs, except those that are never passed on', () => {
  const first = lib.getFunction('__libc_current_sigrtmin', { arguments: [], return: 'i32' })();
  const last = lib.getFunction('__libc_current_sigrtmax', { arguments: [], return: 'i32' })();
  const realTime = forwardedSignals.filter((signal) => signal > constantsOfNode.signals.SIGSYS);
  expect([Math.min(...realTime), Math.max(...realTime)]).toEqual([first, last]);
});

test('libuv has the same number for signal watchers', () => {
  const nameOf = lib.getFunction('uv_handle_type_name', { arguments: ['i32'], return: 'pointer' });
  expect(textAt(nameOf(UV_SIGNAL))).toBe('signal');
});
