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
    'container-agent-logs (image image-of-container-agent-logs): requests nothing, limits none',
    'container-1 (image image-of-container-1): requests nothing, limits none',
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

test('the end of a service is shown', () => {
  const { look } = startJournal();
  look({});
  const states = { 'container-1': ended(1) };
  expect(look({ states })).toEqual([
    'The service container container-1 (image image-of-container-1) has ended: exit status 1. The task goes on.',
  ]);
  expect(look({ states })).toEqual([]);
});

test.each<[string, PodSketch]>([
  ['the Pod is being deleted', { deleted: true, states: { 'container-1': ended(143) } }],
  ['the task has ended', { states: { 'container-0': ended(0), 'container-1': ended(143) } }],
])('the end of a service does not say that the task goes on if %s', (_case, sketch) => {
  const { look } = startJournal();
  look({});
  expect(look(sketch)).toEqual([
    'The service container container-1 (image image-of-container-1) has ended: exit status 143 (SIGTERM).',
  ]);
});

test.each<[string, PodSketch]>([
  ['has ended', { states: { 'container-0': running, proxy: ended(137, 'OOMKilled') } }],
  [
    'is started again',
    { states: { 'container-0': running, proxy: running }, before: { proxy: ended(137, 'OOMKilled') } },
  ],
])('that a sidecar of the template %s is shown once', (_case, sketch) => {
  const { look } = startJournal();
  look({ sidecars: ['proxy'] });
  expect(look({ sidecars: ['proxy'], ...sketch })).toEqual([
    'The container proxy (image image-of-proxy) has ended: exit status 137 (SIGKILL), OOMKilled. The task goes on.',
  ]);
  const again = { ...sketch.states, proxy: ended(1) };
  expect(look({ sidecars: ['proxy'], ...sketch, states: again })).toEqual([]);
});

test('the end of the logging container is shown, if it ends before the task', () => {
  const { look } = startJournal();
  look({});
  const states = {
    'container-0': running,
    'container-agent-logs': ended(80, 'Error', 'Unknown command\ncollect-logs'),
  };
  expect(look({ states })).toEqual([
    'The logging container container-agent-logs (image image-of-container-agent-logs) has ended before the task: exit status 80. Its last words said: Unknown command collect-logs',
    'From now on the output of services is lost, and a task that has not begun waits in vain. Look at KUBE_LOGGING_IMAGE.',
  ]);
  expect(look({ states })).toEqual([]);
});

test.each<[string, PodSketch]>([
  ['has ended', { states: { 'container-0': ended(0), 'container-agent-logs': ended(0), proxy: ended(0) } }],
  [
    'is being deleted',
    { states: { 'container-0': running, 'container-agent-logs': ended(0), proxy: ended(0) }, deleted: true },
  ],
])('the ends of the logging container and of a sidecar are not shown, if the Pod %s', (_case, sketch) => {
  const { look } = startJournal();
  look({ sidecars: ['proxy'] });
  expect(look({ sidecars: ['proxy'], ...sketch })).toEqual([]);
});
