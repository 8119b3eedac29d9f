import type { ContainerState } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { down, ended, type PodSketch, running, sketchPod, waits } from './fixtures/pods.ts';
import { initDone, minute, patience, withPrimary } from './fixtures/verdicts.ts';
import { nextDeadline } from './judge-sightings.ts';
import { type Sighting, sight, waitedBefore } from './sightings.ts';
import { findSymptoms } from './symptoms.ts';

const seen = (before: readonly Sighting[], sketch: PodSketch, nowMs: number) =>
  sight(before, findSymptoms(sketchPod(sketch), []), nowMs);

test('the time of a symptom continues while the kubelet tries again', () => {
  const first = seen([], withPrimary(waits('ErrImagePull', down)), 0);
  const later = seen(first, withPrimary(waits('ImagePullBackOff', down)), minute);
  expect(later).toMatchObject([{ kind: 'pull', sinceMs: 0 }]);
});

test('the time of a symptom restarts after progress', () => {
  const first = seen([], {}, 0);
  const later = seen(first, { states: initDone }, minute);
  expect(later).toMatchObject([{ kind: 'not-started', sinceMs: minute }]);
});

test('a sidecar that ends and starts again and again, before anything else starts, is no progress', () => {
  const mesh = (state: ContainerState): PodSketch => ({
    sidecars: ['mesh'],
    states: { ...initDone, mesh: state },
    before: { mesh: ended(1) },
  });
  let seenSoFar = seen([], mesh(running), 0);
  for (const state of [ended(1), waits('CrashLoopBackOff'), waits('ErrImagePull', down), running])
    seenSoFar = seen(seenSoFar, mesh(state), minute);
  expect(seenSoFar).toMatchObject([{ kind: 'not-started', sinceMs: 0 }]);
});

test('the time of a symptom ends with the symptom', () => {
  const first = seen([], { node: '' }, 0);
  expect(seen(first, withPrimary(running), minute)).toEqual([]);
});

test('the time of a symptom sets the latest time for the verdict', () => {
  const pod = sketchPod({ node: '' });
  const sightings = seen([], { node: '' }, 5);
  expect(nextDeadline({ pod, sightings }, patience)).toBe(5 + 10 * minute);
  expect(nextDeadline({ pod, sightings: [] }, patience)).toBeUndefined();
});

test.each([
  [0, 10 * minute, 0],
  [5 * minute, 10 * minute, 5 * minute],
  [60 * minute, 10 * minute, 10 * minute - 30_000],
  [60 * minute, 1000, 0],
])(
  'of the age of %s ms of a Pod without a node, with a limit of %s ms, %s ms count',
  (ageMs, limitMs, waitedMs) => {
    expect(waitedBefore(ageMs, limitMs)).toBe(waitedMs);
    const symptoms = findSymptoms(sketchPod({ node: '' }), []);
    expect(sight([], symptoms, minute, minute - waitedMs)).toMatchObject([{ sinceMs: minute - waitedMs }]);
  },
);
