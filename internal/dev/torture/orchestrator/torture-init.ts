import { chmodSync, copyFileSync, mkdirSync, mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { executable } from '../../testing/executable.ts';
import { startProgram } from '../../testing/start-program.ts';
import type { Random } from '../random.ts';

/** The fault of the volume or the process, or nothing. */
const kinds = ['nothing', 'full disk', 'SIGKILL', 'SIGTERM'] as const;
export type InitFault = (typeof kinds)[number];

const latestMs = 150;

export function drawInitFault(random: Random): { readonly fault: InitFault; readonly atMs: number } {
  return { fault: random.pick(kinds), atMs: random.integer(1, latestMs) };
}

/**
 * Runs init with a fault, then once more on the same volume. The second run must repair everything: two exact
 * copies, the link, and nothing else. Small programs replace the large ones.
 *
 * @returns the faults
 */
export async function tortureInit(
  { fault, atMs }: { readonly fault: InitFault; readonly atMs: number },
  fakeAgent: string,
): Promise<string[]> {
  using directory = mkdtempDisposableSync(join(tmpdir(), 'torture-init-'));
  const [source, volume] = [join(directory.path, 'source'), join(directory.path, 'volume')] as const;
  for (const folder of [source, volume]) mkdirSync(folder);
  for (const name of ['orchestrator', 'circleci-agent']) {
    copyFileSync(fakeAgent, join(source, name));
    chmodSync(join(source, name), 0o755);
  }
  const init = `'${executable}' init '${source}' '${volume}'`;
  const isSame = (name: string) => `cmp '${volume}/${name}' '${source}/${name}'`;
  const look = `${isSame('orchestrator')} && ${isSame('circleci-agent')} && cd '${volume}' && readlink circleci && ls -A`;
  let again = `${init} && ${look}`;
  // Only a mount of its own can be full. It ends with its namespace.
  let prepare = '';
  if (fault === 'full disk') {
    prepare = `mount -t tmpfs -o size=${1000 + 4 * atMs}k none '${volume}'`;
    again = `${init}; mount -o remount,size=100m '${volume}' && ${again}`;
  } else {
    await runDisturbed([executable, 'init', source, volume], fault, atMs);
  }
  await using second = await startProgram(['sh', '-c', again], { prepare });
  const { status } = await second.ended;
  const [stdout, stderr] = [second.stdout.text, second.stderr.text];
  const expected = [join(volume, 'circleci-agent'), 'circleci', 'circleci-agent', 'orchestrator', ''].join(
    '\n',
  );
  return status === 0 && stdout.endsWith(expected)
    ? []
    : [`init after ${fault} at ${atMs} ms: status ${status}\n${stdout}\n${stderr}`];
}

async function runDisturbed(command: readonly string[], fault: InitFault, atMs: number): Promise<void> {
  await using first = await startProgram(command);
  await pause(atMs);
  if (fault === 'SIGKILL' || fault === 'SIGTERM') first.signal(fault);
  await first.exited;
}
