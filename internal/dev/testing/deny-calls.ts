import { execFileSync } from 'node:child_process';
import { constants } from 'node:os';
import { hostArchitecture } from '../../packer/architecture.ts';
import { compilerFor } from '../../packer/compile.ts';
import { compileFixture } from './compile-fixture.ts';

/** An error with which a seccomp profile answers a call. */
type DenyingError = 'EPERM' | 'ENOSYS' | 'EACCES' | 'EAGAIN' | 'ENOSPC' | 'EDQUOT' | 'EROFS';

const errorAction = 0x5_00_00;
/**
 * seccomp(2): the actions that end the process or the thread that makes the call, and that of a call that does nothing
 * and returns 0.
 */
const otherActions = { KILL_PROCESS: 0x80_00_00_00, KILL_THREAD: 0, TRAP: 0x3_00_00, NOTHING: errorAction };

/** A seccomp profile's reaction to a call. */
export type Denial = DenyingError | keyof typeof otherActions;

/**
 * The words to put before a command to run it under a seccomp filter.
 *
 * @param calls names of system calls, or `name:n:mask` to deny a call only if its argument n, from 0, has a bit of
 * the mask
 */
export async function denyCalls(denial: Denial, calls: readonly string[]): Promise<string[]> {
  const program = await compileFixture('deny-calls', hostArchitecture());
  return [program, String(actionOf(denial)), ...numbersOf(calls), '--'];
}

function actionOf(denial: Denial): number {
  return denial in otherActions
    ? otherActions[denial as keyof typeof otherActions]
    : errorAction | constants.errno[denial as DenyingError];
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
