import type { ContainerState, Event } from 'kubernetes-types/core/v1.d.ts';
import { describe, expect, test } from 'vitest';
import { ended, type PodSketch, running, sketchEvent, sketchPod, waits } from './fixtures/pods.ts';
import { judgeTask, nextDeadline, type TaskVerdict } from './judge-task.ts';
import { type Sighting, sight } from './sightings.ts';
import { findSymptoms } from './symptoms.ts';

const unhealthy = (count: number) => ({
  ...sketchEvent('Unhealthy', 'Liveness probe failed: timeout', 'container-0'),
  count,
});
const stopping = sketchEvent('Killing', 'Stopping container container-0', 'container-0', 'Normal');

const minute = 60_000;
const patience = { scheduling: 10 * minute, imageError: 30_000, imagePull: 20 * minute, start: 10 * minute };

/** The verdict on a Pod that has been like this for a time, ms. */
function verdictAfter(
  ms: number,
  sketch: PodSketch,
  events: readonly Event[] = [],
  gone = false,
): TaskVerdict {
  const pod = sketchPod(sketch);
  const sightings = sight([], findSymptoms(pod, events), 0);
  return judgeTask({ pod, gone, events, sightings }, patience, ms);
}

const initDone = { 'container-agent-init': ended(0) };
const primary = (state: ContainerState, others: Record<string, ContainerState> = {}) => ({
  states: { ...initDone, 'container-0': state, ...others },
});
const sidecarFailed: PodSketch = {
  sidecars: ['mesh'],
  states: { ...initDone, mesh: ended(1) },
};
const notFound = 'Failed to pull image "x": rpc error: code = NotFound desc = x: not found';
const down =
  'Failed to pull image "x": failed to do request: Head "https://x/v2/": dial tcp: connection refused';

describe('a task goes on', () => {
  test.each<[string, PodSketch, number, TaskVerdict['kind']]>([
    ['while no node is found', { node: '' }, 10 * minute - 1, 'pending'],
    ['while an image may still come', primary(waits('ErrImagePull', notFound)), 29_999, 'pending'],
    ['while a registry is down', primary(waits('ImagePullBackOff', down)), 20 * minute - 1, 'pending'],
    ['while nothing starts yet', {}, 10 * minute - 1, 'pending'],
    [
      'while an init container runs for long',
      { states: { 'container-agent-init': running } },
      60 * minute,
      'pending',
    ],
    ['while its primary container runs', primary(running), 300 * minute, 'running'],
    ['when a sidecar among the init containers starts again', sidecarFailed, minute, 'pending'],
    ['when a service has ended', primary(running, { 'container-1': ended(1) }), minute, 'running'],
    [
      'when its Pod is only to be disrupted',
      { ...primary(running), conditions: [{ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' }] },
      minute,
      'running',
    ],
    ['while its Pod ends', { ...primary(running), deleted: true }, 74_000 + 59_999, 'running'],
  ])('%s', (_case, sketch, ms, kind) => {
    expect(verdictAfter(ms, sketch).kind).toBe(kind);
  });
});

describe('a task is done when its orchestrator says so', () => {
  test.each<[string, PodSketch]>([
    ['by exit status 0', primary(ended(0))],
    ['though memory ran out', primary(ended(0, 'OOMKilled'))],
    ['though its Pod was evicted', { ...primary(ended(0)), status: { phase: 'Failed', reason: 'Evicted' } }],
    [
      'though the kubelet starts its container again',
      { states: { ...initDone, 'container-0': running }, before: { 'container-0': ended(0) } },
    ],
    ['though its services run on', primary(ended(0), { 'container-1': running })],
  ])('%s', (_case, sketch) => {
    expect(verdictAfter(0, sketch)).toEqual({ kind: 'done' });
  });
});

describe('a task fails', () => {
  test.each<[string, PodSketch, readonly Event[], number, string, string, RegExp]>([
    [
      'when no node is found in time',
      {
        node: '',
        conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }],
      },
      [],
      10 * minute,
      'unschedulable',
      'always',
      /^No node took the Pod within 10m0s\. The scheduler said: 0\/3 nodes are available\./,
    ],
    [
      'at once when the name of an image is impossible',
      primary(waits('InvalidImageName', 'couldn’t parse image name')),
      [],
      0,
      'image-invalid',
      'never',
      /the primary container container-0 \(image image-of-container-0\) cannot be used.*couldn’t parse/,
    ],
    [
      'at once when an image may not be pulled',
      primary(waits('ErrImageNeverPull', 'not present')),
      [],
      0,
      'image-invalid',
      'never',
      /not present/,
    ],
    [
      'when an image is not there',
      primary(waits('ErrImagePull', notFound)),
      [],
      30_000,
      'image-refused',
      'never',
      /x: not found/,
    ],
    [
      'when an image is not there, though the kubelet only says that it waits',
      primary(waits('ImagePullBackOff', 'Back-off pulling image "x"')),
      [
        sketchEvent('Failed', notFound, 'container-0'),
        sketchEvent('BackOff', 'Back-off pulling image "x"', 'container-0'),
      ],
      30_000,
      'image-refused',
      'never',
      /x: not found/,
    ],
    [
      'when the image of a service is not there, as that of the primary',
      primary(running, { 'container-1': waits('ErrImagePull', 'pull access denied') }),
      [],
      30_000,
      'image-refused',
      'never',
      /the service container container-1 \(image image-of-container-1\).*pull access denied/,
    ],
    [
      'when a registry is down for long',
      primary(waits('ErrImagePull', down)),
      [],
      20 * minute,
      'image-pull-timeout',
      'always',
      /within 20m0s.*connection refused/,
    ],
    [
      'when a pull makes no end',
      { states: initDone },
      [sketchEvent('Pulling', 'Pulling image "x"', 'container-0', 'Normal')],
      20 * minute,
      'image-pull-timeout',
      'always',
      /still being pulled/,
    ],
    [
      'when a container cannot be made',
      primary(waits('CreateContainerConfigError', 'secret "x" not found')),
      [],
      30_000,
      'container-failed',
      'never',
      /^The primary container container-0 .* cannot be started\. The kubelet said: secret "x" not found\./,
    ],
    [
      'when the program is for another architecture, and says so',
      primary({
        terminated: { exitCode: 128, reason: 'StartError', message: 'exec /bin/x: exec format error' },
      }),
      [],
      0,
      'primary-not-started',
      'never',
      /exec format error\. The program is for another CPU architecture/,
    ],
    [
      'when an init container was killed for its memory',
      { states: { 'container-agent-init': ended(137, 'OOMKilled') } },
      [],
      0,
      'init-failed',
      'always',
      /exit status 137 \(SIGKILL\), OOMKilled\. It needs more memory than runnerInitResources/,
    ],
    [
      'when an init container failed, with its last words',
      { states: { 'container-agent-init': ended(1, 'Error', 'the disk is full') } },
      [],
      0,
      'init-failed',
      'always',
      /exit status 1\. Its last words said: the disk is full\./,
    ],
    [
      'when the program of an init container is for another machine, which only its log says',
      { states: { 'container-agent-init': ended(1, 'Error', 'exec /orchestrator: exec format error') } },
      [],
      0,
      'init-failed',
      'always',
      /said: exec \/orchestrator: exec format error\. The program is for another CPU architecture/,
    ],
    [
      'when a volume is not mounted in time',
      {},
      [sketchEvent('FailedMount', 'MountVolume.SetUp failed for volume "x"')],
      10 * minute,
      'start-timeout',
      'always',
      /on the node node-a.*10m0s.*FailedMount: MountVolume\.SetUp failed/,
    ],
    [
      'when the orchestrator could not report',
      primary(ended(1, 'Error', 'the runner API')),
      [],
      0,
      'primary-failed',
      'if-unsafe',
      /exit status 1\. Its last words said: the runner API\./,
    ],
    [
      'when memory ran out',
      primary(ended(137, 'OOMKilled')),
      [],
      0,
      'out-of-memory',
      'if-unsafe',
      /ran out of memory: exit status 137 \(SIGKILL\), OOMKilled/,
    ],
    [
      'when the liveness probe killed it',
      primary(ended(137)),
      [
        sketchEvent('Unhealthy', 'Liveness probe failed: Get "http://x/live": timeout', 'container-0'),
        sketchEvent('Killing', 'Container container-0 failed liveness probe', 'container-0', 'Normal'),
      ],
      0,
      'liveness',
      'if-unsafe',
      /did not answer its liveness probe.*timeout/,
    ],
    [
      'when the liveness probe killed it, and with it the Pod, which the kubelet then stops without a reason',
      primary(ended(137)),
      [unhealthy(3), stopping],
      0,
      'liveness',
      'if-unsafe',
      /did not answer its liveness probe.*timeout/,
    ],
    [
      'by itself, when its probe had failed more seldom than it may',
      primary(ended(137)),
      [unhealthy(2), stopping],
      0,
      'primary-failed',
      'if-unsafe',
      /ended before the task was over/,
    ],
    [
      'by its deletion, though its probe had failed before',
      { ...primary(ended(137)), deleted: true },
      [unhealthy(5), stopping],
      0,
      'primary-failed',
      'if-unsafe',
      /ended before the task was over/,
    ],
    [
      'by itself, though a probe of a service was the end of that service',
      primary(ended(137)),
      [
        sketchEvent('Unhealthy', 'Liveness probe failed: timeout', 'container-0'),
        sketchEvent('Killing', 'Container container-1 failed liveness probe', 'container-1', 'Normal'),
      ],
      0,
      'primary-failed',
      'if-unsafe',
      /ended before the task was over: exit status 137/,
    ],
    [
      'when a service’s image does not come though the task may have begun',
      primary(running, { 'container-1': waits('ErrImagePull', down) }),
      [],
      20 * minute,
      'image-pull-timeout',
      'if-unsafe',
      /connection refused/,
    ],
    [
      'when a hook of a container fails',
      primary(waits('PostStartHookError', 'Exec lifecycle hook failed')),
      [],
      30_000,
      'container-failed',
      'never',
      /Exec lifecycle hook failed/,
    ],
    [
      'when its Pod was evicted and the kubelet does not know whether it ran',
      {
        states: {
          ...initDone,
          'container-0': { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
        },
        status: { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
      },
      [],
      0,
      'disrupted',
      'if-unsafe',
      /low on memory/,
    ],
    [
      'when its Pod was evicted while it ran, whatever its exit status says',
      {
        ...primary(ended(137)),
        status: {
          phase: 'Failed',
          reason: 'Evicted',
          message: 'The node was low on resource: ephemeral-storage.',
        },
      },
      [],
      0,
      'disrupted',
      'if-unsafe',
      /^The Pod was evicted from its node \(Evicted\)\. Kubernetes said: The node was low on resource: ephemeral-storage\..*exit status 137.* Look at the memory and disk of the node/,
    ],
    [
      'when its Pod was evicted before it ran: another try loses nothing',
      { status: { phase: 'Failed', reason: 'Evicted', message: 'low on memory' } },
      [],
      0,
      'disrupted',
      'always',
      /low on memory/,
    ],
    [
      'when a Pod of higher priority took its place',
      {
        ...primary(ended(143)),
        conditions: [{ type: 'DisruptionTarget', reason: 'PreemptionByScheduler', message: 'preempting' }],
      },
      [],
      0,
      'disrupted',
      'if-unsafe',
      /preempted by one of higher priority \(PreemptionByScheduler\)/,
    ],
    [
      'when its node was shut down',
      {
        ...primary(ended(137)),
        status: {
          phase: 'Failed',
          reason: 'Terminated',
          message: 'Pod was terminated in response to imminent node shutdown.',
        },
      },
      [],
      0,
      'disrupted',
      'if-unsafe',
      /The node of the Pod was shut down or lost \(Terminated\)/,
    ],
    [
      'when the node refused the Pod',
      { status: { phase: 'Failed', reason: 'OutOfcpu', message: 'not enough cpu' } },
      [],
      0,
      'disrupted',
      'always',
      /The node refused the Pod \(OutOfcpu\)/,
    ],
    [
      'when it took longer than its Pod may',
      { ...primary(ended(137)), status: { phase: 'Failed', reason: 'DeadlineExceeded' } },
      [],
      0,
      'deadline',
      'if-unsafe',
      /activeDeadlineSeconds/,
    ],
    [
      'when its Pod failed without a word',
      { status: { phase: 'Failed' }, states: initDone },
      [],
      0,
      'pod-failed',
      'always',
      /says nothing about its primary container/,
    ],
    [
      'when its Pod does not end in time',
      { ...primary(running), deleted: true },
      [],
      74_000 + minute,
      'node-lost',
      'if-unsafe',
      /node-a has not ended it within 2m14s/,
    ],
  ])('%s', (_case, sketch, events, ms, reason, retry, message) => {
    const verdict = verdictAfter(ms, sketch, events);
    expect(verdict).toMatchObject({ kind: 'failed', reason, retry });
    const words = verdict.kind === 'failed' ? verdict.message : '';
    expect(words).toMatch(message);
    // On its way to the task's owner a message loses its apostrophes.
    expect(words).not.toMatch(/\w's? /);
  });

  test.each<[string, PodSketch, string]>([
    ['while it ran', primary(running), 'if-unsafe'],
    ['before it ran: another try loses nothing', {}, 'always'],
  ])('when its Pod was deleted by others %s', (_case, sketch, retry) => {
    expect(verdictAfter(0, sketch, [], true)).toMatchObject({ kind: 'failed', reason: 'pod-deleted', retry });
  });

  test('when its Pod was disrupted and is gone before its end was seen', () => {
    const conditions = [{ type: 'DisruptionTarget', reason: 'PreemptionByScheduler' }];
    expect(verdictAfter(0, { ...primary(running), conditions }, [], true)).toMatchObject({
      reason: 'disrupted',
      retry: 'if-unsafe',
      message: expect.stringMatching(/preempted by one of higher priority \(PreemptionByScheduler\)/),
    });
  });

  test('when its Pod is gone and was never seen', () => {
    const unseen = { pod: undefined, gone: true, events: [], sightings: [] };
    expect(judgeTask(unseen, patience, 0)).toMatchObject({ reason: 'pod-deleted', retry: 'if-unsafe' });
  });
});

describe('the time of a symptom', () => {
  const seen = (before: readonly Sighting[], sketch: PodSketch, nowMs: number) =>
    sight(before, findSymptoms(sketchPod(sketch), []), nowMs);

  test('goes on while the kubelet tries again', () => {
    const first = seen([], primary(waits('ErrImagePull', down)), 0);
    const later = seen(first, primary(waits('ImagePullBackOff', down)), minute);
    expect(later).toMatchObject([{ kind: 'pull', sinceMs: 0 }]);
  });

  test('begins again when there was progress', () => {
    const first = seen([], {}, 0);
    const later = seen(first, { states: initDone }, minute);
    expect(later).toMatchObject([{ kind: 'not-started', sinceMs: minute }]);
  });

  test('is over when the symptom is', () => {
    const first = seen([], { node: '' }, 0);
    expect(seen(first, primary(running), minute)).toEqual([]);
  });

  test('is when the verdict is due at the latest', () => {
    const pod = sketchPod({ node: '' });
    const sightings = seen([], { node: '' }, 5);
    expect(nextDeadline({ pod, gone: false, events: [], sightings }, patience)).toBe(5 + 10 * minute);
    expect(nextDeadline({ pod, gone: false, events: [], sightings: [] }, patience)).toBeUndefined();
  });
});
