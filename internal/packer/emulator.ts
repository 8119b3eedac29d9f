import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Architecture, hostArchitecture, machines } from './architecture.ts';

const run = promisify(execFile);

/**
 * Runs a program of an architecture. A program of another architecture runs by qemu-user(1) with the
 * cross-compiler's libraries. The program gets no variables, so its result does not depend on the build
 * machine.
 *
 * @throws Error with the program's own messages
 */
export async function runFor(
  architecture: Architecture,
  program: string,
  parameters: readonly string[],
  folder: string,
): Promise<void> {
  const [command = program, ...rest] = [...emulatorFor(architecture), program, ...parameters];
  await run(command, rest, { cwd: folder, env: {} });
}

function emulatorFor(architecture: Architecture): string[] {
  if (architecture === hostArchitecture()) return [];
  const machine = machines[architecture];
  return [`qemu-${machine}-static`, '-L', `/usr/${machine}-linux-gnu`];
}
