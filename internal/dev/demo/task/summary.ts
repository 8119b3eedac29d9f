import type { ReceivedRequest } from '../../runner-api/received-requests.ts';
import { listening } from '../../testing/running-program.ts';
import { judge } from '../promises.ts';
import { seconds, summarize, title } from '../screen.ts';
import { agentStarted, numberIn, type Recording, timeOf } from './recording.ts';
import { commonPromises, defunct, reaped, type Scenario } from './scenarios.ts';

const agentEnded = / INFO task agent ended /;

/**
 * Prints the observations, and whether the demo kept its promises.
 *
 * @param ranAs how the process ran, for people
 * @returns whether every promise was kept
 */
export function printSummary(scenario: Scenario, ranAs: string, seen: Recording): boolean {
  const { probes, requests, exitCode } = seen;
  title('Summary');
  summarize('ran', `${scenario.override ? 'override, then run-task,' : 'run-task'} as ${ranAs}`);
  summarize('start', describeStart(seen));
  summarize('task', describeTask(seen));
  summarize('teardown', describeTeardown(seen));
  summarize('orphans', describeOrphans(seen));
  summarize('probes', `/live answered ${probes.answered} of ${probes.answered + probes.failed} with 200`);
  summarize('runner API', requests.map(describeRequest).join('\n') || 'received nothing');
  summarize('exit code', String(exitCode ?? 'none'));

  return judge({ ...commonPromises, ...scenario.promises }, seen);
}

function describeStart(seen: Recording): string {
  return `listening for probes after ${milliseconds(timeOf(seen, listening))}, ready after ${milliseconds(seen.readyAt)}`;
}

function describeTask(seen: Recording): string {
  const start = timeOf(seen, agentStarted);
  const end = seen.evictedAt ?? timeOf(seen, agentEnded);
  if (start === undefined || end === undefined) return 'did not run to its end';
  return `${seconds(end - start)} from the agent's start to its ${seen.evictedAt === undefined ? 'end' : 'eviction'}`;
}

function describeTeardown(seen: Recording): string {
  if (seen.evictedAt !== undefined)
    return `${seconds(seen.exitedAt - seen.evictedAt)} from SIGTERM to the exit: 1 s of grace, 2 s for the agent to obey`;
  const end = timeOf(seen, agentEnded);
  return end === undefined
    ? 'not seen'
    : `${milliseconds(seen.exitedAt - end)} from the agent's end to the exit`;
}

function describeOrphans(seen: Recording): string {
  const found = numberIn(seen, defunct) ?? 'an unknown number';
  const total = numberIn(seen, reaped);
  return `${found} zombies while the task ran${total === undefined ? '' : `, ${total} reaped in all`}`;
}

function describeRequest({ method, path, json, message }: ReceivedRequest): string {
  if (message !== undefined) return `${method} ${path}\n${message}`;
  const fields = Object.entries(Object(json));
  const shown = fields.map(([name, value]) => `${name}: ${name === 'task_token' ? '(the token)' : value}`);
  return `${method} ${path}\n${shown.join(', ')}`;
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '(never)' : `${Math.round(ms)} ms`;
}
