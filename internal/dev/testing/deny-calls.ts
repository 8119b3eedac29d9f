import { execFileSync } from 'node:child_process';
import { constants } from 'node:os';
import { hostArchitecture } from '../../packer/architecture.ts';
import { compilerFor } from '../../packer/compile.ts';
import { compileFixture } from './compile-fixture.ts';

/** An error with which a seccomp profile answers a call. */
export type Denial = 'EPERM' | 'ENOSYS' | 'EACCES' | 'EAGAIN';

/**
 * The words to put before a command to run it under a seccomp filter.
 *
 * @param calls names of system calls, or `name:n:mask` to deny a call only if its argument n, from 0, has a bit of
 * the mask
 */
export async function denyCalls(error: Denial, calls: readonly string[]): Promise<string[]> {
  const program = await compileFixture('deny-calls', hostArchitecture());
  return [program, String(constants.errno[error]), ...numbersOf(calls), '--'];
}

function numbersOf(calls: readonly string[]): string[] {
  const source = ['#include <asm/unistd.h>', 'NUMBERS', ...calls.map((call) => `__NR_${call}`)].join('\n');
  const parameters = ['-E', '-P', '-x', 'c', '-'];
  const text = execFileSync(compilerFor(hostArchitecture()), parameters, {
    input: source,
    encoding: 'latin1',
  });
  return (text.split('NUMBERS')[1] ?? '').trim().split(/\s*\n\s*/);
}
