import { expect, test } from 'vitest';
import type { ClaimOutcome } from '../claims/claim-loop.ts';
import { type ControllerState, judgeReadiness } from './readiness.ts';

const claims = (outcomes: Readonly<Record<string, ClaimOutcome | undefined>>) =>
  new Map(Object.entries(outcomes));
const well: ControllerState = {
  draining: false,
  synced: { pods: true, events: true },
  claims: claims({ 'a.b': 'no-work', 'a.c': 'task' }),
};

test('is ready when the cluster is known and claims are answered', () => {
  expect(judgeReadiness(well)).toEqual({ ready: true, failures: {} });
});

test('is ready while one class can claim, and names the class that cannot', () => {
  expect(judgeReadiness({ ...well, claims: claims({ 'a.b': 'no-work', 'a.c': 'refused' }) })).toEqual({
    ready: true,
    failures: { 'claims of a.c': 'the runner API refuses its token' },
  });
});

test.each<[string, Partial<ControllerState>, Record<string, string>]>([
  [
    'no class can claim',
    { claims: claims({ 'a.b': 'no-answer', 'a.c': undefined }) },
    {
      'claims of a.b': 'the runner API does not answer',
      'claims of a.c': 'the runner API has not answered yet',
    },
  ],
  ['no class has a token', { claims: new Map() }, { tokens: 'no Secret has a token of a resource class' }],
  [
    'the cluster is not known yet',
    { synced: { pods: false, events: true } },
    { pods: 'the Kubernetes API has not listed them yet' },
  ],
  ['it drains', { draining: true }, { drain: 'no more tasks are claimed, as this program is to end' }],
])('is not ready when %s, and says so', (_title, state, failures) => {
  expect(judgeReadiness({ ...well, ...state })).toEqual({ ready: false, failures });
});
