import { expect } from 'vitest';
import type { EndedTask } from './start-task.ts';

/** The script of the agent for every row: its failure has to be reported. */
export const agentOfRows = ['exit=3'];

/** A node with this property runs and reports a task as any other. */
export function expectWorks(task: EndedTask): void {
  expect(task).toMatchObject({ status: 0, signal: null, calls: ['fail'], stderr: '' });
  expect(task.message).toContain('exit status 3');
}

/** The task is handed back, and the log names the reason. */
export function expectHandedBack(task: EndedTask, reason: RegExp): void {
  expect(task).toMatchObject({ status: 0, signal: null, calls: ['unclaim'], stderr: '' });
  expect(task.stdout).toMatch(reason);
}

/** Nothing has started, and one line names the reason. */
export function expectRefused(task: EndedTask, reason: RegExp): void {
  expect(task).toMatchObject({ status: 1, signal: null, calls: [], stdout: '' });
  expect(task.stderr).toMatch(/^orchestrator: [^\n]*\n$/);
  expect(task.stderr).toMatch(reason);
}
