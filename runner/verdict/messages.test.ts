import { expect, test } from 'vitest';
import { ended, type PodSketch } from './fixtures/pods.ts';
import { verdictAfter, withPrimary } from './fixtures/verdicts.ts';

test.each<[string, PodSketch]>([
  ['when its container has ended', withPrimary(ended(2))],
  ['when an init container has failed', { states: { 'container-agent-init': ended(1) } }],
  ['when nothing else is known', {}],
])('whatever the status of a Pod says is in the message, once, %s', (_when, sketch) => {
  const status = { phase: 'Failed', reason: 'ProviderFailed', message: 'the account has no credit.' };
  const verdict = verdictAfter(0, { ...sketch, status });
  const words = verdict.kind === 'failed' ? verdict.message : '';
  expect(words.match(/ProviderFailed/g)).toHaveLength(1);
  expect(words.match(/the account has no credit\./g)).toHaveLength(1);
});
