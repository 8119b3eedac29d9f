import { expect, test } from 'vitest';
import { ended, running, sketchEvent, sketchPod } from '../verdict/fixtures/pods.ts';
import { mayRun, retryAfterStop } from './stop-pod.ts';

/** The kubelet's status of a container that waited for its image when the Pod was deleted. */
const neverMade = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', startedAt: null } };
const started = [sketchEvent('Started', 'Container started', 'container-0', 'Normal')];
const primary = (state: object) => sketchPod({ states: { 'container-0': state } });

test.each([
  ['has no node yet', sketchPod({ node: '' }), true],
  ['waits for an image', sketchPod(), true],
  ['runs', primary(running), true],
  ['has ended', primary(ended(1)), false],
  ['was evicted before it started', sketchPod({ status: { phase: 'Failed' } }), false],
])('the orchestrator of a Pod that %s may run: %#', (_, pod, expected) => {
  expect(mayRun({ pod, gone: false })).toBe(expected);
  expect(mayRun({ pod, gone: true })).toBe(false);
});

test.each([
  ['always', sketchPod(), false, [], 'always'],
  ['always', sketchPod(), true, [], 'if-unsafe'],
  ['always', sketchPod(), false, started, 'if-unsafe'],
  ['always', primary(ended(1)), false, [], 'if-unsafe'],
  ['always', primary(neverMade), false, [], 'always'],
  ['never', primary(ended(1)), false, [], 'never'],
] as const)(
  'of a retry that was %s, after the end of a Pod remains %#',
  (retry, pod, endMissed, events, expected) => {
    const last = { pod, gone: true, endMissed, events };
    expect(retryAfterStop({ last, isRefused: false, hadNoNode: false }, retry)).toBe(expected);
  },
);

test.each([
  ['is still there, as its kubelet pulls an image,', { gone: false, endMissed: false, hadNoNode: false }],
  ['had no node', { gone: true, endMissed: true, hadNoNode: true }],
])('a task whose Pod %s is handed back', (_, { hadNoNode, ...state }) => {
  const last = { pod: sketchPod(), events: [], ...state };
  expect(retryAfterStop({ last, isRefused: false, hadNoNode }, 'always')).toBe('always');
});
