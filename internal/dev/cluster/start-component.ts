import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { waitFor } from '../testing/wait-for.ts';
import { makeGroups } from './cgroups.ts';
import type { Component } from './components/component.ts';
import { findProcess, inGroups, logOf, runLogged } from './processes.ts';
import { inSandbox } from './sandbox.ts';

/** Much longer than a busy machine needs. */
const patience = { limitMs: 180_000, everyMs: 100 };
const shownLogLines = 15;

/** Starts a component in the cluster, unless it already runs. */
export async function startComponent(component: Component, sandbox: number): Promise<void> {
  if (findProcess(component.name) !== undefined) return;
  for (const [path, content] of Object.entries(component.files ?? {})) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  // When its parent has ended, the first process of its namespace adopts and reaps it.
  const command = ['setsid', '--fork', ...component.command];
  await runLogged(component.name, inSandbox(sandbox, inGroups(makeGroups(), command)));
}

/**
 * Waits until a component works.
 *
 * @throws Error with the end of its log if it ends before that, or the signal's reason
 */
export async function waitForComponent(component: Component, signal: AbortSignal): Promise<void> {
  let looksWithout = 0;
  const isReady = async () => {
    signal.throwIfAborted();
    // For a moment, before it becomes its program, it has another name.
    looksWithout = findProcess(component.name) === undefined ? looksWithout + 1 : 0;
    if (looksWithout > 10) throw new Error(`${component.name} has ended:\n${endOfLog(component.name)}`);
    return component.isReady();
  };
  await waitFor(`${component.name} to be ready: see ${logOf(component.name)}`, isReady, patience);
}

function endOfLog(name: string): string {
  const lines = readFileSync(logOf(name), 'utf8').trimEnd().split('\n');
  return [...lines.slice(-shownLogLines), `(the end of ${logOf(name)})`].join('\n');
}
