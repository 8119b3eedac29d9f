import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isRoot } from '../testing/is-root.ts';
import type { Random } from './random.ts';
import type { Programs } from './start-plan.ts';

/** What goes wrong with the volume or with the process, or nothing. */
const kinds = ['nothing', 'full disk', 'SIGKILL', 'SIGTERM'] as const;
export type InitFault = (typeof kinds)[number];

const latestMs = 150;

export function drawInitFault(random: Random): { readonly fault: InitFault; readonly atMs: number } {
  return { fault: random.pick(kinds), atMs: random.integer(1, latestMs) };
}

/**
 * Runs init while something goes wrong, then once more on the same volume, which must mend everything: two copies
 * that are byte for byte what they came from, the link, and nothing else. Small programs stand for the large ones.
 *
 * @returns what is not as it must be
 */
export async function tortureInit(
  { fault, atMs }: { readonly fault: InitFault; readonly atMs: number },
  { executable, fakeAgent }: Programs,
): Promise<string[]> {
  using directory = mkdtempDisposableSync(join(tmpdir(), 'torture-init-'));
  const [source, volume] = [join(directory.path, 'source'), join(directory.path, 'volume')] as const;
  for (const folder of [source, volume]) mkdirSync(folder);
  for (const name of ['orchestrator', 'circleci-agent']) {
    copyFileSync(fakeAgent, join(source, name));
    chmodSync(join(source, name), 0o755);
  }
  // Only a mount of its own can be full; it is gone with the namespace that has it.
  const isFull = fault === 'full disk';
  const limit = isFull ? `mount -t tmpfs -o size=${1000 + 4 * atMs}k none '${volume}' && ` : '';
  const again = `mount -o remount,size=100m '${volume}' && `;
  const init = `'${executable}' init '${source}' '${volume}'`;
  const list = `cd '${volume}' && cmp orchestrator '${source}/orchestrator' && cmp circleci-agent '${source}/circleci-agent' && readlink circleci && ls -A`;
  const first = isFull ? `${init} || true` : ':';
  if (!isFull) await runDisturbed([executable, 'init', source, volume], fault, atMs);
  const second = `${limit}${first}; ${isFull ? again : ''}${init} && ${list}`;
  const { status, text } = await run([...namespace(isFull), 'sh', '-c', second]);
  const expected = [join(volume, 'circleci-agent'), 'circleci', 'circleci-agent', 'orchestrator'].join('\n');
  return status === 0 && text.trimEnd().endsWith(expected)
    ? []
    : [`init after ${fault} at ${atMs} ms: status ${status}\n${text}`];
}

function namespace(needed: boolean): string[] {
  if (!needed) return [];
  return ['unshare', ...(isRoot ? [] : ['--user', '--map-root-user']), '--mount', '--'];
}

async function runDisturbed(command: readonly string[], fault: InitFault, atMs: number): Promise<void> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  await pause(atMs);
  if (fault === 'SIGKILL' || fault === 'SIGTERM') child.kill(fault);
  await exited;
}

async function run(command: readonly string[]): Promise<{ status: number | null; text: string }> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, text };
}
