import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { places } from '../../../internal/dev/cluster/places.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { TestController } from './controller.ts';
import { patience } from './patience.ts';

test('the step has all lines once, even if the kubelet rotates the log while it is read', async () => {
  await using controller = await TestController.start();
  // The kubelet starts a new file when one has more than 10 MiB, including the time before each line.
  const script = `mkdir -p /shared
    seq 260000; n=260000
    until [ -e /shared/rotated ]; do n=$((n + 1)); echo $n; sleep 0.01; done
    seq $((n + 1)) $((n + 5000)); echo last words; exec sleep 9999`;
  const task = controller.submit({
    agent: ['say=the%20agent%20runs', 'wait-file=/shared/end'],
    services: [{ image: images.busybox, command: ['sh', '-c', script] }],
  });
  await task.printed(/the agent runs/);
  const { name } = await task.podName();
  const rotated = join(
    places.var,
    'log',
    'pods',
    `${controller.namespace}_${name}_*`,
    'container-1',
    '*.log.*',
  );
  await waitFor('the rotation', () => globSync(rotated).length > 0, patience);
  await task.exec('container-1', ['touch', '/shared/rotated']);
  await waitFor('the last words', () => /last words\n$/.test(task.step(97)?.output ?? ''), patience);
  await task.touch('/shared/end');
  expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
  const lines = (task.step(97)?.output ?? '').trimEnd().split('\n');
  const firstWrong = lines.findIndex((line, index) => line !== String(index + 1));
  expect(lines.slice(firstWrong)).toEqual(['last words']);
  expect(lines.length).toBeGreaterThan(265_000);
});
