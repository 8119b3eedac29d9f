import { expect, test } from 'vitest';
import { ended, running, sketchPod } from '../verdict/fixtures/pods.ts';
import { mayRun } from './stop-pod.ts';

const primary = (state: object) => sketchPod({ states: { 'container-0': state } });

test.each([
  ['has no node yet', sketchPod({ node: '' }), true],
  ['waits for an image', sketchPod(), true],
  ['runs', primary(running), true],
  ['has ended', primary(ended(1)), false],
  [
    'runs again after it has ended',
    sketchPod({ states: { 'container-0': running }, before: { 'container-0': ended(1) } }),
    true,
  ],
  [
    'has failed, but still has time to end,',
    sketchPod({ states: { 'container-0': running }, status: { phase: 'Failed' } }),
    true,
  ],
  ['was evicted before it started', sketchPod({ status: { phase: 'Failed' } }), false],
])('the orchestrator of a Pod that %s may run: %#', (_, pod, expected) => {
  expect(mayRun({ pod, gone: false })).toBe(expected);
  expect(mayRun({ pod, gone: true })).toBe(false);
});
