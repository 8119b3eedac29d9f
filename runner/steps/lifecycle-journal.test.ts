import type { Event } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { ended, type PodSketch, running, sketchEvent, sketchPod } from '../verdict/fixtures/pods.ts';
import { LifecycleJournal } from './lifecycle-journal.ts';

function startJournal() {
  const lines: string[] = [];
  const journal = new LifecycleJournal((line) => lines.push(line));
  const look = (sketch: PodSketch, events: readonly Event[] = []) => {
    lines.length = 0;
    journal.look({ pod: sketchPod(sketch), gone: false, endMissed: false, events });
    return [...lines];
  };
  return { look };
}

const waitsFor = (message: string): PodSketch => ({
  node: '',
  conditions: [{ type: 'PodScheduled', status: 'False', message }],
});

test('the reason for having no node is shown when it changes, not once for each try', () => {
  const { look } = startJournal();
  const tries = [sketchEvent('FailedScheduling', 'no cpu')];
  expect(look(waitsFor('no cpu'), tries)).toEqual(['The Pod waits for a node: no cpu']);
  expect(look(waitsFor('no cpu'), tries)).toEqual([]);
  expect(look(waitsFor('no memory'), tries)).toEqual(['The Pod waits for a node: no memory']);
});

test('the node is shown once, with the resources of the containers', () => {
  const { look } = startJournal();
  expect(look({})).toEqual([
    'The Pod is on the node node-a.',
    'container-0 (image image-of-container-0): requests nothing, limits none',
    'container-1 (image image-of-container-1): requests nothing, limits none',
    'container-agent-logs (image image-of-container-agent-logs): requests nothing, limits none',
  ]);
  expect(look({})).toEqual([]);
});

test('an event is shown once each time it comes', () => {
  const { look } = startJournal();
  look({});
  const pulled = sketchEvent(
    'Pulled',
    'Successfully pulled image "x" in 2s. Image size: 9 bytes.',
    'container-0',
    'Normal',
  );
  expect(look({}, [pulled])).toEqual([
    'Normal Pulled: Successfully pulled image "x" in 2s. Image size: 9 bytes.',
  ]);
  expect(look({}, [pulled])).toEqual([]);
  expect(look({}, [{ ...pulled, count: 2 }])).toEqual([expect.stringContaining('(2 times)')]);
});

test('a disruption is announced', () => {
  const { look } = startJournal();
  look({});
  const disrupted: PodSketch = {
    states: { 'container-0': running },
    conditions: [
      { type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI', message: 'the node is drained' },
    ],
  };
  expect(look(disrupted)).toEqual(['The Pod is disrupted (EvictionByEvictionAPI): the node is drained']);
  expect(look(disrupted)).toEqual([]);
});

test('the end of a service is shown, but not that of other helpers', () => {
  const { look } = startJournal();
  look({});
  const states = { 'container-1': ended(1), 'container-agent-logs': ended(0) };
  expect(look({ states })).toEqual([
    'The service container container-1 (image image-of-container-1) has ended: exit status 1. The task goes on.',
  ]);
  expect(look({ states })).toEqual([]);
});
