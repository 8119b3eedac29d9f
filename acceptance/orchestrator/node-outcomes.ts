import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { type EndedTask, runTaskToEnd, type TaskToRun } from './start-task.ts';
import { device } from './termination-log.ts';

/** The agent's script for every row. Its failure has to be reported. */
export const agentOfRows = ['exit=3'];

/** A task that has ended on a node with some property. */
export interface EndedRow extends EndedTask {
  /** The content of the container's termination log. */
  readonly terminationLog: string;
}

/** Runs a task as PID 1, with a termination log. */
export async function runRow(task: TaskToRun): Promise<EndedRow> {
  const { log, prepare } = await device();
  const ended = await runTaskToEnd({ life: 'pid 1', prepare, agent: agentOfRows, ...task });
  return { ...ended, terminationLog: await readFile(log, 'utf8') };
}

/** Asserts that the task ran and was reported as on any other node. */
export function expectWorks(task: EndedRow): void {
  expect(task).toMatchObject({ status: 0, signal: null, calls: ['fail'], stderr: '' });
  expect(task.message).toContain('exit status 3');
  expect(task.terminationLog).toBe(task.message);
}

/** Asserts that the task was handed back, and the log names the reason. */
export function expectHandedBack(task: EndedRow, reason: RegExp): void {
  expect(task).toMatchObject({ status: 0, signal: null, calls: ['unclaim'], stderr: '' });
  expect(task.stdout).toMatch(reason);
}

/**
 * Asserts that nothing has started, and one line names the reason.
 *
 * @param hasLog whether the node lets anybody write to the termination log
 */
export function expectRefused(task: EndedRow, reason: RegExp, hasLog = true): void {
  expect(task).toMatchObject({ status: 1, signal: null, calls: [], stdout: '' });
  expect(task.stderr).toMatch(/^orchestrator: [^\n]*\n$/);
  expect(task.stderr).toMatch(reason);
  expect(task.terminationLog).toBe(hasLog ? task.stderr : '');
}
