import { expect, test } from 'vitest';
import { names, rulesFor } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { grantedBy, neededFor } from '../../../internal/dev/testing/cluster/rights.ts';
import type { Requests } from './conduct.ts';
import { TestController } from './controller.ts';

/* What is asked of the API server. That none of it is beyond the Roles, every test with a controller asserts. */

const used = (requests: Requests[keyof Requests]) => new Set(requests.map(neededFor));

test('a task without services takes eight requests of the Kubernetes API at most, watches aside', async () => {
  await using controller = await TestController.start();
  const made = async () => (await controller.requests()).controller.filter(({ verb }) => verb !== 'watch');
  const before = await made();
  await controller.submit().ended();
  const requests = (await made()).slice(before.length);
  console.log(`requests of a task: ${requests.map(neededFor).join(', ')}`);
  expect(requests.length).toBeLessThanOrEqual(8);
});

test('logging containers use all that their Role grants, and the controller what it cannot do without', async () => {
  await using controller = await TestController.start();
  const service = { image: images.busybox, command: ['sh', '-c', 'echo hello; sleep 600'] };
  await controller.submit({ services: [service], agent: ['sleep=500'] }).ended();
  const requests = await controller.requests();
  const [ofController, ofCollector] = [used(requests.controller), used(requests.collector)];
  expect([...ofCollector].sort()).toEqual([...grantedBy(await rulesFor(names.collector))].sort());
  const granted = [...grantedBy(await rulesFor(names.controller))];
  console.log(
    `granted, and not used here: ${granted.filter((right) => !ofController.has(right)).join(', ')}`,
  );
  expect([...ofController].sort()).toEqual(
    expect.arrayContaining(['create pods', 'create secrets', 'delete pods', 'delete secrets', 'watch pods']),
  );
});
