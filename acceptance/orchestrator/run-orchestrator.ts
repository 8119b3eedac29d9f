import { expect, onTestFinished } from 'vitest';
import { emulated, executable } from '../../internal/dev/testing/executable.ts';
import type { Life } from '../../internal/dev/testing/namespaces.ts';
import type { EndedProgram, RunningProgram } from '../../internal/dev/testing/running-program.ts';
import { type Surroundings, startProgram } from '../../internal/dev/testing/start-program.ts';

/** Topics that differ between these ways to run are tested in both. */
export const lives: readonly Life[] = ['ordinary', 'pid 1'];

/** The ways to run a task. Under qemu it is only PID 1, because qemu has no subreaper (not-emulated.ts). */
export const taskLives: readonly [Life, ...Life[]] = emulated ? ['pid 1'] : ['ordinary', 'pid 1'];

/** The way to run for tests that work in both. */
export const [usualLife] = taskLives;

export interface RunSurroundings extends Surroundings {
  /** The program to run. The default is the built executable. */
  readonly program?: string;
  /** Texts that must not appear in any output. */
  readonly secrets?: readonly string[];
}

/** Starts the orchestrator with these arguments. */
export async function runOrchestrator(
  args: readonly string[],
  { program = executable, secrets = [], ...surroundings }: RunSurroundings = {},
): Promise<RunningProgram> {
  return endWithTest(await startProgram([program, ...args], { life: usualLife, ...surroundings }), secrets);
}

/** Starts it, and waits for its end. */
export async function runToEnd(
  args: readonly string[],
  surroundings?: RunSurroundings,
): Promise<EndedProgram> {
  return (await runOrchestrator(args, surroundings)).result();
}

/** Ends a program with the test. The test fails if the output shows a secret. */
export function endWithTest(program: RunningProgram, secrets: readonly string[]): RunningProgram {
  onTestFinished(async () => {
    await program[Symbol.asyncDispose]();
    for (const secret of secrets) expect(program.stdout.text + program.stderr.text).not.toContain(secret);
  });
  return program;
}
