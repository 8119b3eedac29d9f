import { expect, test } from 'vitest';
import { ended, running, sketchEvent } from './fixtures/pods.ts';
import { expectFailure, type FailureCase, initDone, verdictAfter, withPrimary } from './fixtures/verdicts.ts';

const evicted = { phase: 'Failed', reason: 'Evicted', message: 'low on memory' };

test.each<FailureCase>([
  [
    'when its Pod was evicted and the kubelet does not know whether it ran',
    {
      states: {
        ...initDone,
        'container-0': { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
      },
      status: evicted,
    },
    [],
    0,
    'disrupted',
    'if-unsafe',
    /low on memory/,
  ],
  [
    'when its Pod was evicted and the kubelet has lost its last run',
    {
      before: { 'container-0': { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } } },
      status: evicted,
    },
    [],
    0,
    'disrupted',
    'if-unsafe',
    /low on memory/,
  ],
  [
    'when its Pod was evicted after a restart that nobody asked for: the first end counts',
    { before: { 'container-0': ended(137) }, status: evicted },
    [],
    0,
    'disrupted',
    'if-unsafe',
    /ended with exit status 137 \(SIGKILL\)\. Look at/,
  ],
  [
    'when its Pod was evicted and only an event shows that it ran',
    { status: evicted },
    [sketchEvent('Started', 'Container started', 'container-0', 'Normal')],
    0,
    'disrupted',
    'if-unsafe',
    /low on memory/,
  ],
  [
    'when its Pod was evicted while it ran, whatever its exit status is',
    {
      ...withPrimary(ended(137)),
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
    { status: evicted },
    [sketchEvent('Started', 'Container started', 'container-agent-init', 'Normal')],
    0,
    'disrupted',
    'always',
    /low on memory/,
  ],
  [
    'when a Pod of higher priority took its place',
    {
      ...withPrimary(ended(143)),
      conditions: [{ type: 'DisruptionTarget', reason: 'PreemptionByScheduler', message: 'preempting' }],
    },
    [],
    0,
    'disrupted',
    'if-unsafe',
    /preempted by one of higher priority \(PreemptionByScheduler\)/,
  ],
  ...['EvictionByEvictionAPI', 'DeletionByTaintManager'].map(
    (reason): FailureCase => [
      `when others have taken its Pod off the node: ${reason}`,
      { ...withPrimary(ended(143)), conditions: [{ type: 'DisruptionTarget', reason, message: 'evicting' }] },
      [],
      0,
      'disrupted',
      'if-unsafe',
      /evicted from its node \(\w+\)\. Kubernetes said: evicting\..* Look at who drained the node, or tainted it/,
    ],
  ),
  [
    'when the kubelet ended its Pod and then forgot the reason',
    {
      ...withPrimary(ended(137)),
      conditions: [
        { type: 'DisruptionTarget', reason: 'TerminationByKubelet', message: 'low on resource: memory.' },
      ],
    },
    [],
    0,
    'disrupted',
    'if-unsafe',
    /^The kubelet ended the Pod \(TerminationByKubelet\)\. Kubernetes said: low on resource: memory\./,
  ],
  [
    'when its node was shut down',
    {
      ...withPrimary(ended(137)),
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
    'when its node was removed, and Kubernetes calls its Pod failed',
    {
      ...withPrimary(running),
      status: { phase: 'Failed' },
      conditions: [
        { type: 'DisruptionTarget', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' },
      ],
    },
    [],
    0,
    'disrupted',
    'if-unsafe',
    /^The node of the Pod was shut down or lost \(DeletionByPodGC\)\. Kubernetes said: PodGC: node no longer exists\./,
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
    'when the node refused the Pod for a reason that only its message explains',
    {
      status: {
        phase: 'Failed',
        reason: 'TopologyAffinityError',
        message: 'Pod was rejected: Resources cannot be allocated with Topology locality',
      },
    },
    [],
    0,
    'disrupted',
    'always',
    /The node refused the Pod \(TopologyAffinityError\)\. Kubernetes said: Pod was rejected: Resources/,
  ],
  [
    'when it took longer than the deadline of its Pod',
    { ...withPrimary(ended(137)), status: { phase: 'Failed', reason: 'DeadlineExceeded' } },
    [],
    0,
    'deadline',
    'if-unsafe',
    /activeDeadlineSeconds/,
  ],
])('a task fails %s', expectFailure);

test('a task fails when its Pod was disrupted and is gone before its end was seen', () => {
  const conditions = [{ type: 'DisruptionTarget', reason: 'PreemptionByScheduler' }];
  expect(verdictAfter(0, { ...withPrimary(running), conditions }, [], 'missed')).toMatchObject({
    reason: 'disrupted',
    retry: 'if-unsafe',
    message: expect.stringMatching(/preempted by one of higher priority \(PreemptionByScheduler\)/),
  });
});
