import { expect, test } from 'vitest';
import { ended, running, sketchEvent, sketchPod, waits } from '../verdict/fixtures/pods.ts';
import { describePod } from './describe-pod.ts';

test('a Pod is described as an operator would look it up, without the values of variables', () => {
  const pod = sketchPod({
    conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }],
    states: {
      'container-agent-init': ended(0),
      'container-0': running,
      'container-1': waits('ErrImagePull', 'x: not\nfound'),
    },
    status: { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
  });
  const [primary] = pod.spec?.containers ?? [];
  if (primary !== undefined) {
    primary.env = [{ name: 'PASSWORD', value: 'hunter2' }];
    primary.resources = { requests: { cpu: '1' }, limits: { memory: '1Gi' } };
  }
  const lines = describePod(pod, [sketchEvent('Failed', 'Error: ErrImagePull', 'container-1')]);
  const text = lines.join('\n');
  for (const part of [
    'Node: node-a',
    'Status: Failed, Evicted, low on memory',
    'Ready=False (ContainersNotReady)',
    'Requests: cpu=1',
    'Limits: memory=1Gi',
    'Variables: PASSWORD',
    'State: ended with exit status 0 (Completed)',
    'State: running since 2026-01-02T03:04:05Z',
    'State: waiting: ErrImagePull: x: not found',
    'Warning Failed: Error: ErrImagePull',
  ])
    expect(text).toContain(part);
  expect(text).not.toContain('hunter2');
});
