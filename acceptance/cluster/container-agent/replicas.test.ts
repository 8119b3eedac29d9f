import { expect, test } from 'vitest';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { TestController } from './controller.ts';
import { linux, smallClass } from './install-controller.ts';
import { patience } from './patience.ts';
import { untilTold } from './until-told.ts';

test('two replicas share the work of two classes, each within its own limit of tasks', async () => {
  const other = 'acme/other';
  await using controller = await TestController.start({
    replicas: 2,
    classes: { [linux]: smallClass, [other]: smallClass },
    variables: { MAX_CONCURRENT_TASKS: '2' },
  });
  const tasks = [linux, other, linux, other, linux, other].map((resourceClass) =>
    controller.submit({ resourceClass, agent: untilTold }),
  );
  const claimed = () => tasks.filter(({ view }) => view.claims.length > 0);
  await waitFor('four claims', () => claimed().length >= 4, patience);
  const first = claimed();
  for (const task of first) await task.printed(/the agent runs/);
  expect(claimed()).toHaveLength(4);
  const instances = first.map(({ pods: [pod] }) => pod?.metadata?.labels?.['container-agent-instance']);
  const replicas = (await controller.pods()).map(({ metadata }) => metadata?.name);
  expect([...instances].sort()).toEqual([...replicas, ...replicas].sort());
  for (const task of first) await task.touch('/shared/end');
  for (const task of first) expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
  for (const task of tasks.filter((each) => !first.includes(each))) {
    await task.printed(/the agent runs/);
    await task.touch('/shared/end');
    expect(await task.ended()).toMatchObject({ calls: [] });
  }
  expect(tasks.every(({ view }) => view.claims.length === 1)).toBe(true);
});
