import { expect, test } from 'vitest';
import type { ClaimOutcome } from '../claims/claim-loop.ts';
import { type ClassState, type ControllerState, judgeReadiness } from './readiness.ts';

const classes = (
  outcomes: Readonly<Record<string, ClaimOutcome | undefined>>,
  other: Partial<ClassState> = {},
) =>
  new Map(
    Object.entries(outcomes).map(([name, outcome]) => [
      name,
      { outcome, pausedBy: undefined, isFull: false, ...other },
    ]),
  );
const well: ControllerState = {
  draining: false,
  synced: { pods: true, events: true },
  classes: classes({ 'a.b': 'no-work', 'a.c': 'task' }),
};

test('is ready when the cluster is known and claims are answered', () => {
  expect(judgeReadiness(well)).toEqual({ ready: true, failures: {} });
});

test('is ready while one class can claim, and names the class that cannot', () => {
  expect(judgeReadiness({ ...well, classes: classes({ 'a.b': 'no-work', 'a.c': 'refused' }) })).toEqual({
    ready: true,
    failures: { 'claims of a.c': 'the runner API refuses its token' },
  });
});

test.each<[string, Partial<ControllerState>, Record<string, string>]>([
  [
    'no class can claim',
    { classes: classes({ 'a.b': 'no-answer', 'a.c': undefined }) },
    {
      'claims of a.b': 'the runner API does not answer',
      'claims of a.c': 'the runner API has not answered yet',
    },
  ],
  [
    'its only class is paused',
    { classes: classes({ 'a.b': 'no-work' }, { pausedBy: 'no node fits' }) },
    { 'claims of a.b': 'no node fits' },
  ],
  [
    'no class has a token',
    { classes: new Map() },
    { tokens: 'no Secret that could be read has a token of a resource class' },
  ],
  [
    'the cluster is not known yet',
    { synced: { pods: false, events: true } },
    { pods: 'the Kubernetes API has not listed them yet' },
  ],
  ['it drains', { draining: true }, { drain: 'no more tasks are claimed: this program is shutting down' }],
])('is not ready when %s, and says so', (_title, state, failures) => {
  expect(judgeReadiness({ ...well, ...state })).toEqual({ ready: false, failures });
});

test.each<ClaimOutcome | undefined>([undefined, 'server-error', 'throttled', 'malformed', 'no-answer'])(
  'is ready while tasks take all slots, whatever became of the last claim before that: %s',
  (outcome) => {
    const full = classes({ 'a.b': outcome }, { isFull: true });
    expect(judgeReadiness({ ...well, classes: full })).toEqual({ ready: true, failures: {} });
  },
);

test('a class whose token is refused cannot claim, also while tasks take all slots', () => {
  const full = classes({ 'a.b': 'refused' }, { isFull: true });
  expect(judgeReadiness({ ...well, classes: full }).ready).toBe(false);
});
