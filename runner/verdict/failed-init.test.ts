import { expect, test } from 'vitest';
import { ended, running } from './fixtures/pods.ts';
import { expectFailure, type FailureCase, verdictAfter } from './fixtures/verdicts.ts';

test.each<FailureCase>([
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
    'when an init container was killed, and the kubelet does not know why',
    { states: { 'container-agent-init': ended(137, 'Error') } },
    [],
    0,
    'init-failed',
    'always',
    /\(SIGKILL\)\. SIGKILL without a reason .* than runnerInitResources gives it, or than the node has\. No step/,
  ],
  [
    'when our init container could not even write why it failed',
    { states: { 'container-agent-init': ended(1) } },
    [],
    0,
    'init-failed',
    'always',
    /exit status 1\. It left no words, as when the disk of its node is full\. No step/,
  ],
  [
    'when an init container of the class needs more than its own limit',
    { initContainers: ['setup'], states: { setup: ended(137, 'OOMKilled') } },
    [],
    0,
    'init-failed',
    'always',
    /the init container setup .* OOMKilled\. It needs more memory than its limit\. No step/i,
  ],
  [
    'when an init container of the class failed, which need not leave words',
    { initContainers: ['setup'], states: { setup: ended(1) } },
    [],
    0,
    'init-failed',
    'always',
    /exit status 1\. No step/,
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
    'when an init container of the class failed, as memory ran out for one of its processes',
    { initContainers: ['setup'], states: { setup: ended(1, 'OOMKilled') } },
    [],
    0,
    'init-failed',
    'always',
    /exit status 1, OOMKilled\. It needs more memory than its limit\./,
  ],
  [
    'when memory ran out for a process of an init container that then ended well, which the kubelet does not accept',
    { initContainers: ['setup'], states: { setup: ended(0, 'OOMKilled') } },
    [],
    0,
    'init-failed',
    'always',
    /the init container setup .* failed: exit status 0, OOMKilled\. It needs more memory than its limit\. No step/i,
  ],
])('a task fails %s', expectFailure);

test('a task goes on if its job runs, although memory had run out for an init container', () => {
  const states = { setup: ended(0, 'OOMKilled'), 'container-0': running };
  expect(verdictAfter(0, { initContainers: ['setup'], states })).toEqual({ kind: 'running' });
});
