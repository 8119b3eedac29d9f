import { signalName } from '../../../signals.ts';
import type { Observation } from './observation.ts';
import type { Plan } from './plan.ts';
import { courseOf, isTaken } from './plan-answers.ts';
import type { PlannedEnd } from './plan-children.ts';
import { memoryLimitMib } from './surroundings.ts';

/** The product's limit for one attempt at a call. */
const attemptMs = 5000;
/** Its limit for killed processes to be gone. */
const dyingMs = 2000;

/** The outcome of a task for the runner API. */
export type TaskOutcome = 'none' | 'unclaim' | 'fail' | 'untold' | 'killed';

/** The outcome of a task. */
export function outcomeOf(seen: Observation): TaskOutcome {
  const taken = seen.requests.findLast(({ answer }) => isTaken(answer));
  if (isKilled(seen)) return 'killed';
  return taken?.call ?? (seen.status === 0 ? 'none' : 'untold');
}

/** All faults of a task. Empty for a correct task. */
export function judge(plan: Plan, seen: Observation): string[] {
  return [
    ...judgeTraces(seen),
    ...judgeCalls(plan, seen),
    ...(isKilled(seen) ? [] : [...judgeExit(seen), ...judgeLog(seen), ...judgeExpectation(plan, seen)]),
  ];
}

/**
 * Whether the SIGKILL came before its own end. Wrappers report it in different ways: as status 137, or, like
 * unshare(1), as status 1 with a message on stderr, or as SIGPIPE if stderr has no reader.
 */
function isKilled({ killed, status }: Observation): boolean {
  return killed && status !== 0;
}

function judgeTraces(seen: Observation): string[] {
  const log = seen.log ?? '';
  const traces = {
    ...(seen.stalledMs > dyingMs / 2 ? {} : tracesOfLife(seen)),
    'did not end': seen.hung ? [`${Math.round(seen.durationMs)} ms`] : [],
    'was left in the working directory': seen.files,
    'shows the token': seen.tokenSeen,
    'health checks were not answered': seen.silentProbes > 0 ? [String(seen.silentProbes)] : [],
    'is in the log': /an exception that nobody caught|orchestrator itself failed|\n +at /.exec(log) ?? [],
  };
  return Object.entries(traces).flatMap(([what, found]) =>
    found.length > 0 ? [`${found.join(', ')}: ${what}`] : [],
  );
}

/** Traces that are not a fault on a machine where killed processes have no time to die. */
function tracesOfLife({ requests, survivors, log = '' }: Observation): Record<string, readonly string[]> {
  return {
    'lived when the runner API was told': requests.flatMap(({ alive }) => alive),
    'outlived the task': survivors,
    'is in the log, too': /left behind/.exec(log) ?? [],
  };
}

/** All attempts at the first call come first. If it was refused, the attempts at the other call follow. */
function judgeCalls(plan: Plan, seen: Observation): string[] {
  const { requests } = seen;
  const cutShort = isKilled(seen);
  const timedOut = seen.stalledMs > attemptMs / 2;
  const calls = requests.map(({ call }) => call);
  const unclaims = calls.filter((call) => call === 'unclaim').length;
  const fails = calls.filter((call) => call === 'fail').length;
  const problems: string[] = [];
  const inOrder = [...Array(unclaims).fill('unclaim'), ...Array(fails).fill('fail')];
  if (calls.join() !== inOrder.join()) problems.push(`calls in the wrong order: ${calls.join()}`);
  for (const [call, count] of [
    ['unclaim', unclaims],
    ['fail', fails],
  ] as const) {
    const { attempts } = courseOf(plan.answers[call]);
    if (count === 0 || attempts === undefined || count === attempts) continue;
    if ((cutShort && count < attempts) || (timedOut && count > attempts)) continue;
    problems.push(`${count} attempts at ${call} instead of ${attempts}`);
  }
  if (fails > 0 && unclaims > 0 && courseOf(plan.answers.unclaim).taken) {
    problems.push('the task was handed back, and reported as failed');
  }
  return problems;
}

function judgeExit({ status, signal, requests }: Observation): string[] {
  const last = requests.at(-1);
  const expected = last === undefined || isTaken(last.answer) ? 0 : 1;
  if (signal === null && status === expected) return [];
  const after = last === undefined ? 'no call' : `${last.call} answered ${JSON.stringify(last.answer)}`;
  return [`ended with ${signal ?? `status ${status}`} after ${after}, expected status ${expected}`];
}

/** The log agrees with the calls of the API. */
function judgeLog(seen: Observation): string[] {
  const { log } = seen;
  if (log === undefined) return [];
  const outcome = outcomeOf(seen);
  const stories = {
    none: /task ended well/,
    unclaim: /task handed back to the runner API/,
    fail: /failure reported to the runner API/,
    untold: /could not be told/,
  };
  return Object.entries(stories).flatMap(([name, line]) =>
    line.test(log) === (name === outcome)
      ? []
      : [`the outcome is ${outcome}, but the log says ${line.test(log) ? '' : 'not '}${line}`],
  );
}

/** If only the plan decides, exactly one outcome is right. */
function judgeExpectation(plan: Plan, seen: Observation): string[] {
  if (seen.disturbed || seen.terminated || seen.hung) return [];
  const failure = expectedFailure(plan);
  const expected = expectedOutcome(plan, failure);
  const actual = outcomeOf(seen);
  const problems = actual === expected ? [] : [`the outcome is ${actual}, not ${expected}`];
  const messages = seen.requests.filter(({ call }) => call === 'fail').map(({ message }) => message);
  const usedUp = seen.requests.some(({ call, answer }) => call === 'unclaim' && answer.status === 409);
  const words = usedUp ? ['retries are used up'] : [];
  const expectedWords = [failure?.words ?? '', ...words];
  const wrong = messages.find((message) => expectedWords.some((word) => !message.includes(word)));
  return wrong === undefined ? problems : [...problems, `no ${JSON.stringify(expectedWords)} in: ${wrong}`];
}

interface ExpectedFailure {
  readonly retryable: boolean;
  readonly words: string;
}

function expectedFailure({ entrypoint, agent }: Plan): ExpectedFailure | undefined {
  const cannotStart = 'could not be started';
  if (entrypoint?.end === 'refused') return { retryable: false, words: `entrypoint ${cannotStart}` };
  if (agent.end === 'refused') return { retryable: true, words: `agent ${cannotStart}` };
  const words = describe(agent.end);
  return words === 'exit status 0' ? undefined : { retryable: false, words };
}

function describe(end: Exclude<PlannedEnd, 'refused'>): string {
  if (end === 'never') return 'interrupted';
  if (end === 'out of memory')
    return `kernel OOM killer struck in this container (memory limit: ${memoryLimitMib} MiB)`;
  return 'signal' in end ? `killed by ${signalName(end.signal)}` : `exit status ${end.exitCode}`;
}

function expectedOutcome(plan: Plan, failure: ExpectedFailure | undefined): TaskOutcome {
  if (failure === undefined) return 'none';
  const { unclaim, fail } = plan.answers;
  if ((failure.retryable || plan.retries) && courseOf(unclaim).taken) return 'unclaim';
  return courseOf(fail).taken ? 'fail' : 'untold';
}
