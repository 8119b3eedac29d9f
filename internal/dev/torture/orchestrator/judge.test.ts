import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import type { Observation, ObservedRequest } from './observation.ts';
import type { Plan } from './plan.ts';

const fails: Plan = {
  life: 'pid 1',
  surrounding: 'usual',
  agent: { script: ['exit=3'], end: { exitCode: 3 } },
  entrypoint: undefined,
  readiness: 'none',
  retries: false,
  switchUser: false,
  logFormat: 'text',
  graceMs: 0,
  delayMs: 0,
  answers: { unclaim: [{}], fail: [{}] },
  readers: { stdout: 'reads', stderr: 'reads' },
  pipes: 'fifo',
  disturbances: [],
};
const retried: Plan = { ...fails, retries: true };
const refused: Plan = { ...retried, answers: { unclaim: [{ status: 503 }, { status: 409 }], fail: [{}] } };

const failed: ObservedRequest = { call: 'fail', answer: {}, message: 'exit status 3', alive: [] };
const unclaimed: ObservedRequest = { call: 'unclaim', answer: {}, message: '', alive: [] };
const reported = 'failure reported to the runner API';
const handedBack = 'task handed back to the runner API';

const good: Observation = {
  status: 0,
  signal: null,
  durationMs: 100,
  stalledMs: 0,
  hung: false,
  killed: false,
  disturbed: false,
  terminated: false,
  requests: [failed],
  log: reported,
  survivors: [],
  files: [],
  tokenSeen: [],
  silentProbes: 0,
  disturbances: new Map(),
};
const goodUnclaim = { ...good, requests: [unclaimed], log: handedBack };
const goodRefusal = {
  ...good,
  requests: [
    { ...unclaimed, answer: { status: 503 } },
    { ...unclaimed, answer: { status: 409 } },
    { ...failed, message: 'exit status 3, retries are used up' },
  ],
};

test.each<[string, Plan, Observation]>([
  ['reported', fails, good],
  ['handed back', retried, goodUnclaim],
  ['refused, then reported', refused, goodRefusal],
  [
    'asked twice of a server that did not answer in time',
    fails,
    { ...good, stalledMs: 6000, requests: [failed, failed] },
  ],
  [
    'ended on a machine that gave killed processes no time to die',
    fails,
    { ...good, stalledMs: 1500, survivors: ['7'], log: `${reported} left behind` },
  ],
  ['killed', fails, { ...good, killed: true, status: null, signal: 'SIGKILL', requests: [], log: '' }],
  ['ended by itself before it was terminated', fails, { ...good, terminated: true }],
  [
    'ended well after it was disturbed',
    fails,
    { ...good, disturbed: true, requests: [], log: 'task ended well' },
  ],
])('finds nothing wrong with a task that was %s', (_title, plan, seen) => {
  expect(judge(plan, seen)).toEqual([]);
});

test.each<[string, Plan, Observation, string]>([
  ['nobody was told', fails, { ...good, requests: [], log: 'task ended well' }, 'none, not fail'],
  ['another call was made', retried, good, 'fail, not unclaim'],
  ['both calls were taken', retried, { ...goodUnclaim, requests: [unclaimed, failed] }, 'handed back, and'],
  [
    'a call was taken twice',
    fails,
    { ...good, requests: [failed, failed] },
    '2 attempts at fail instead of 1',
  ],
  [
    'calls in another order',
    refused,
    { ...goodRefusal, requests: goodRefusal.requests.toReversed() },
    'wrong order',
  ],
  [
    'an attempt is missing',
    refused,
    { ...goodRefusal, requests: goodRefusal.requests.slice(1) },
    '1 attempts',
  ],
  ['the status is wrong', fails, { ...good, status: 1 }, 'status 1'],
  ['a signal ended it', fails, { ...good, status: null, signal: 'SIGSEGV' }, 'SIGSEGV'],
  [
    'another message',
    fails,
    { ...good, requests: [{ ...failed, message: 'exit status 4' }] },
    'no ["exit status 3"]',
  ],
  ['a process lived', fails, { ...good, requests: [{ ...failed, alive: ['7'] }] }, '7: lived when'],
  ['a process outlived it', fails, { ...good, survivors: ['7'] }, '7: outlived'],
  ['one was left behind', fails, { ...good, log: `${reported} left behind` }, 'left behind: is in the log'],
  ['a file was left', fails, { ...good, files: ['core'] }, 'core: was left'],
  ['the token shows', fails, { ...good, tokenSeen: ['stdout'] }, 'stdout: shows the token'],
  ['it did not end', fails, { ...good, hung: true }, 'did not end'],
  ['probes got no answer', fails, { ...good, silentProbes: 1 }, 'not answered'],
  ['the log says something else', fails, { ...good, log: handedBack }, 'but the log says'],
  [
    'an exception reached nobody',
    fails,
    { ...good, log: `${reported} an exception that nobody caught` },
    'in the log',
  ],
])('finds what is wrong: %s', (_title, plan, seen, words) => {
  expect(judge(plan, seen).join('\n')).toContain(words);
});
