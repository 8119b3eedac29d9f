import type { Event } from 'kubernetes-types/core/v1.d.ts';
import { describe, expect, test } from 'vitest';
import { untold } from '../../internal/termination-log.ts';
import { down, ended, notFound, type PodSketch, running, sketchEvent, waits } from './fixtures/pods.ts';
import {
  expectFailure,
  type FailureCase,
  initDone,
  minute,
  patience,
  verdictAfter,
  withPrimary,
} from './fixtures/verdicts.ts';
import { judgeTask } from './judge-task.ts';
import type { TaskVerdict } from './verdict.ts';

const sidecarFailed: PodSketch = {
  sidecars: ['mesh'],
  states: { ...initDone, mesh: ended(1) },
};

describe('a task goes on', () => {
  test.each<[string, PodSketch, number, TaskVerdict['kind']]>([
    ['while no node is found', { node: '' }, 10 * minute - 1, 'pending'],
    ['while an image may still come', withPrimary(waits('ErrImagePull', notFound)), 29_999, 'pending'],
    ['while a registry is down', withPrimary(waits('ImagePullBackOff', down)), 20 * minute - 1, 'pending'],
    ['while nothing starts yet', {}, 10 * minute - 1, 'pending'],
    [
      'while an init container runs for long',
      { states: { 'container-agent-init': running } },
      60 * minute,
      'pending',
    ],
    ['while its primary container runs', withPrimary(running), 300 * minute, 'running'],
    ['when a sidecar among the init containers starts again', sidecarFailed, minute, 'pending'],
    [
      'while a sidecar that has ended cannot be started again',
      {
        ...withPrimary(running, { mesh: waits('ErrImagePull', notFound) }),
        sidecars: ['mesh'],
        before: { mesh: ended(1) },
      },
      60 * minute,
      'running',
    ],
    ['when a service has ended', withPrimary(running, { 'container-1': ended(1) }), minute, 'running'],
    [
      'when its Pod is only to be disrupted',
      {
        ...withPrimary(running),
        conditions: [{ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' }],
      },
      minute,
      'running',
    ],
    [
      'while its kubelet ends it for its deadline',
      { ...withPrimary(running), activeDeadlineSeconds: 3600 },
      (60 + 1) * minute + 29_999,
      'running',
    ],
    [
      'while its Pod is drained, which has ended an init container',
      {
        states: { 'container-agent-init': ended(137) },
        conditions: [{ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' }],
      },
      minute,
      'pending',
    ],
    ['while its Pod ends', { ...withPrimary(running), deleted: true }, 74_000 + 59_999, 'running'],
  ])('%s', (_case, sketch, ms, kind) => {
    expect(verdictAfter(ms, sketch).kind).toBe(kind);
  });
});

describe('a task is done when its orchestrator says so', () => {
  test.each<[string, PodSketch]>([
    ['by exit status 0', withPrimary(ended(0))],
    ['though memory ran out', withPrimary(ended(0, 'OOMKilled'))],
    [
      'though its Pod was evicted',
      { ...withPrimary(ended(0)), status: { phase: 'Failed', reason: 'Evicted' } },
    ],
    [
      'though the kubelet starts its container again',
      { states: { ...initDone, 'container-0': running }, before: { 'container-0': ended(0) } },
    ],
    [
      'though the kubelet has started its container again, which was then killed',
      { states: { ...initDone, 'container-0': ended(137) }, before: { 'container-0': ended(0) } },
    ],
    ['with a message that was reported', withPrimary(ended(0, 'Completed', 'The task agent failed.'))],
    ['though its services run on', withPrimary(ended(0), { 'container-1': running })],
  ])('%s', (_case, sketch) => {
    expect(verdictAfter(0, sketch)).toEqual({ kind: 'done' });
  });
});

describe('a task fails', () => {
  test.each<FailureCase>([
    [
      'when the program is for another architecture, and says so',
      withPrimary({
        terminated: { exitCode: 128, reason: 'StartError', message: 'exec /bin/x: exec format error' },
      }),
      [],
      0,
      'primary-not-started',
      'never',
      /exec format error\. The program is for another CPU architecture/,
    ],
    [
      'when its container does not start as a disk of the node is full',
      withPrimary({
        terminated: { exitCode: 128, reason: 'StartError', message: 'mkdir /x: no space left on device' },
      }),
      [],
      0,
      'primary-not-started',
      'always',
      /did not start\. The runtime said: .*no space left on device\. Find out what fills the disk/,
    ],
    ...[
      'OCI runtime create failed: runc create failed: unable to create new parent process: namespace path: lstat /proc/0/ns/ipc: no such file or directory: unknown',
      'OCI runtime create failed: error setting cgroup config for procHooks process: unable to freeze: unknown',
      'context canceled: unknown',
    ].map(
      (words): FailureCase => [
        `when its container does not start as its node is too busy: ${words}`,
        withPrimary({
          terminated: {
            exitCode: 128,
            reason: 'StartError',
            message: `failed to create containerd task: failed to create shim task: ${words}`,
          },
        }),
        [],
        0,
        'primary-not-started',
        'always',
        /did not start\. The runtime said: .* Look at the load of the node, and at its container runtime\.$/,
      ],
    ),
    [
      'when its container did not start in time, and may have run',
      withPrimary({
        terminated: {
          exitCode: 128,
          reason: 'StartError',
          message: 'failed to start containerd task "x": context deadline exceeded',
        },
      }),
      [],
      0,
      'primary-not-started',
      'never',
      /Look at the load of the node/,
    ],
    [
      'when the orchestrator could not report',
      withPrimary(ended(1, 'Error', 'the runner API')),
      [],
      0,
      'primary-failed',
      'if-unsafe',
      /exit status 1\. Its last words said: the runner API\./,
    ],
    [
      'when its container was killed, and the kubelet does not know why',
      withPrimary(ended(137, 'Error')),
      [],
      0,
      'primary-failed',
      'if-unsafe',
      /\(SIGKILL\)\. SIGKILL without a reason .* than its limit, or than the node has\. Look at the log/,
    ],
    [
      'though its container ended with 0, if the orchestrator was killed under an entrypoint that ends well',
      withPrimary(ended(0, 'Completed', `${untold} The orchestrator was killed.`)),
      [],
      0,
      'primary-failed',
      'if-unsafe',
      /ended before the task was over: exit status 0, Completed\. Its last words said: Nobody was told/,
    ],
    [
      'though its Pod succeeded, if the orchestrator could not start under an entrypoint that ends well',
      {
        ...withPrimary(ended(0, 'Completed', 'orchestrator: cannot start with so few open files')),
        status: { phase: 'Succeeded' },
      },
      [],
      0,
      'primary-failed',
      'if-unsafe',
      /Its last words said: orchestrator: cannot start with so few open files/,
    ],
    [
      'when its node crashed and came back, and the runtime makes an exit status up',
      withPrimary(ended(255, 'Unknown')),
      [],
      0,
      'primary-failed',
      'if-unsafe',
      /: exit status 255, Unknown\. Nobody knows how it ended, as after a crash of its node\. Look/,
    ],
    [
      'when memory ran out',
      withPrimary(ended(137, 'OOMKilled')),
      [],
      0,
      'out-of-memory',
      'if-unsafe',
      /ran out of memory: exit status 137 \(SIGKILL\), OOMKilled/,
    ],
    [
      'when its Pod was deleted, which has ended an init container',
      {
        states: { 'container-agent-init': ended(137) },
        deleted: true,
        status: { phase: 'Failed' },
      },
      [],
      0,
      'pod-deleted',
      'always',
      /^The Pod was deleted while the task was under way/,
    ],
    [
      'when its Pod was deleted, and its grace period is over',
      { ...withPrimary(ended(137)), deleted: true },
      [],
      0,
      'primary-failed',
      'if-unsafe',
      /\(SIGKILL\)\. The Pod had been deleted: look at the audit log for who did it\. Look at the log/,
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
      'when the orchestrator could not report, after the kernel had killed a process of the job',
      withPrimary(ended(1, 'OOMKilled', 'the runner API')),
      [],
      0,
      'primary-failed',
      'if-unsafe',
      /: exit status 1, OOMKilled\. The kernel has killed a process .* perhaps long before\. Its last words said: the runner/,
    ],
  ])('%s', expectFailure);

  test.each<[string, PodSketch, 'seen' | 'missed', string]>([
    ['while it ran', withPrimary(running), 'seen', 'if-unsafe'],
    ['before it ran: another try loses nothing', {}, 'seen', 'always'],
    ['while nobody watched: it may have run', {}, 'missed', 'if-unsafe'],
  ])('when its Pod was deleted by others %s', (_case, sketch, end, retry) => {
    expect(verdictAfter(0, sketch, [], end)).toMatchObject({ kind: 'failed', reason: 'pod-deleted', retry });
  });

  describe('and is handed back if its image was still being pulled', () => {
    const pulling = sketchEvent('Pulling', 'Pulling image "x"', 'container-0', 'Normal');
    const pulled = sketchEvent('Pulled', 'Successfully pulled image "x"', 'container-0', 'Normal');
    const lost = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } };
    const failedPod: PodSketch = { ...withPrimary(lost), deleted: true, status: { phase: 'Failed' } };
    const drained: PodSketch = {
      ...failedPod,
      conditions: [{ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' }],
    };
    const usedToRun: PodSketch = { ...drained, before: { 'container-0': lost } };

    test.each<[string, PodSketch, Event[], string, string, RegExp]>([
      ['when its Pod was deleted', failedPod, [pulling], 'pod-deleted', 'always', /^The Pod was deleted/],
      ['when its Pod was drained', drained, [pulling], 'disrupted', 'always', /EvictionByEvictionAPI/],
      [
        'but not if it was pulled',
        failedPod,
        [pulling, pulled],
        'primary-failed',
        'if-unsafe',
        /status 137, ContainerStatusUnknown\. Nobody knows/,
      ],
      ['but not if it ran', usedToRun, [pulling], 'disrupted', 'if-unsafe', /EvictionByEvictionAPI/],
    ])('%s', (_case, sketch, events, reason, retry, message) => {
      expect(verdictAfter(0, sketch, events)).toMatchObject({
        ...{ reason, retry },
        message: expect.stringMatching(message),
      });
    });
  });

  test('when its Pod was disrupted and then deleted while nobody watched: it may have run', () => {
    const announced: PodSketch = {
      conditions: [{ type: 'DisruptionTarget', reason: 'DeletionByTaintManager' }],
    };
    expect(verdictAfter(0, announced, [], 'seen')).toMatchObject({ reason: 'disrupted', retry: 'always' });
    expect(verdictAfter(0, announced, [], 'missed')).toMatchObject({ retry: 'if-unsafe' });
    const failed: PodSketch = { status: { phase: 'Failed', reason: 'Evicted' } };
    expect(verdictAfter(0, failed, [], 'missed')).toMatchObject({ reason: 'disrupted', retry: 'always' });
  });

  test('when its Pod is gone and was never seen', () => {
    const unseen = { pod: undefined, gone: true, endMissed: true, events: [], sightings: [], ran: false };
    expect(judgeTask(unseen, patience, 0)).toMatchObject({ reason: 'pod-deleted', retry: 'if-unsafe' });
  });
});
