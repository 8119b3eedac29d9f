import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { places } from '../../../internal/dev/cluster/places.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { TestController } from './controller.ts';
import { patience } from './patience.ts';

/**
 * A service that counts from 1 on. The kubelet rotates a file that has more than 10 MiB, including the time before each
 * line.
 */
const count = `
  mkdir -p /shared
  echo 1
  until [ -e /shared/followed ]; do sleep 0.1; done
  seq 2 260000
  n=260000
  until [ -e /shared/rotated ]; do n=$((n + 1)); echo $n; sleep 0.01; done
  seq $((n + 1)) $((n + 5000))
  echo last words
  exec sleep 9999`;

test('the step has each line once if the log is rotated while it is read, apart from what the kubelet leaves out', async () => {
  await using controller = await TestController.start();
  const task = controller.submit({
    agent: ['say=the%20agent%20runs', 'wait-file=/shared/end'],
    services: [{ image: images.busybox, command: ['sh', '-c', count] }],
  });
  await task.printed(/the agent runs/);
  const output = () => task.step(97)?.output ?? '';
  await waitFor('the first line', () => output() === '1\n', patience);
  await task.exec('container-1', ['touch', '/shared/followed']);
  const { name } = await task.podName();
  const folder = join(places.var, 'log', 'pods', `${controller.namespace}_${name}_*`, 'container-1');
  const rotated = await waitFor('the rotation', () => globSync(join(folder, '*.log.*'))[0], patience);
  await task.exec('container-1', ['touch', '/shared/rotated']);
  await waitFor('the last words', () => /last words\n$/.test(output()), patience);
  const lastOfRotated = Number(/ (\d+)\n$/.exec(readFileSync(rotated, 'utf8'))?.[1]);
  await task.touch('/shared/end');
  expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'done' } });

  const lines = output().trimEnd().split('\n').slice(0, -1);
  let before = 0;
  while (lines[before] === String(before + 1)) before++;
  // Nothing is missing, or the end of the old file is: the kubelet goes on to the new file as soon as that exists, and
  // the runtime may still write lines to the old one then.
  const after = lines.slice(before);
  expect(after).toEqual(after.map((_, index) => String(lastOfRotated + 1 + index)));
  expect(before).toBeGreaterThanOrEqual(260_000);
  expect(Number(lines.at(-1))).toBeGreaterThan(265_000);
});
