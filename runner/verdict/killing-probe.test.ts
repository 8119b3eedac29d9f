import { test } from 'vitest';
import { untold } from '../../internal/termination-log.ts';
import { ended, sketchEvent } from './fixtures/pods.ts';
import { expectFailure, type FailureCase, withPrimary } from './fixtures/verdicts.ts';

const unhealthy = (count: number) => ({
  ...sketchEvent('Unhealthy', 'Liveness probe failed: timeout', 'container-0'),
  count,
});
const stopping = sketchEvent('Killing', 'Stopping container container-0', 'container-0', 'Normal');

test.each<FailureCase>([
  [
    'when the liveness probe killed it',
    withPrimary(ended(137)),
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
    'when the liveness probe killed it, after the kernel had killed a process of the job',
    withPrimary(ended(137, 'OOMKilled')),
    [
      sketchEvent('Unhealthy', 'Liveness probe failed: Get "http://x/live": timeout', 'container-0'),
      sketchEvent('Killing', 'Container container-0 failed liveness probe', 'container-0', 'Normal'),
    ],
    0,
    'liveness',
    'if-unsafe',
    /did not answer its liveness probe: .*OOMKilled\. The kernel has killed a process/,
  ],
  [
    'when the liveness probe killed it, and the kubelet then stopped the Pod without a reason',
    withPrimary(ended(137)),
    [unhealthy(3), stopping],
    0,
    'liveness',
    'if-unsafe',
    /did not answer its liveness probe.*timeout/,
  ],
  [
    'when the liveness probe killed an entrypoint that had not run the orchestrator',
    withPrimary(ended(137, 'Error', `${untold} The custom entrypoint ended.`)),
    [unhealthy(3), stopping],
    0,
    'liveness',
    'if-unsafe',
    /did not answer its liveness probe.*timeout.* Its last words said: Nobody was told .* Check whether/,
  ],
  [
    'by itself, when its probe had failed less often than the threshold',
    withPrimary(ended(137)),
    [unhealthy(2), stopping],
    0,
    'primary-failed',
    'if-unsafe',
    /ended before the task was over/,
  ],
  [
    'by its deletion, though its probe had failed before',
    { ...withPrimary(ended(137)), deleted: true },
    [unhealthy(5), stopping],
    0,
    'primary-failed',
    'if-unsafe',
    /ended before the task was over/,
  ],
  [
    'by itself, though a probe of a service was the end of that service',
    withPrimary(ended(137)),
    [
      sketchEvent('Unhealthy', 'Liveness probe failed: timeout', 'container-0'),
      sketchEvent('Killing', 'Container container-1 failed liveness probe', 'container-1', 'Normal'),
    ],
    0,
    'primary-failed',
    'if-unsafe',
    /ended before the task was over: exit status 137/,
  ],
])('a task fails %s', expectFailure);
