import { expect, test } from 'vitest';
import { callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import { names, rulesFor } from '../../../internal/dev/testing/cluster/controller-manifest.ts';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { createNamespace } from '../../../internal/dev/testing/cluster/namespace.ts';
import { grantedBy, neededFor } from '../../../internal/dev/testing/cluster/rights.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { expectRights, type Requests, requestsFrom } from './conduct.ts';
import { TestController } from './controller.ts';

/* The requests to the API server. Every test with a controller asserts that the Roles allow all of them. */

const startMs = Date.now();

const used = (requests: Requests[keyof Requests]) => new Set(requests.map(neededFor));

test('a task without services takes at most eight requests to the Kubernetes API, apart from watches', async () => {
  await using controller = await TestController.start();
  const made = async () => (await controller.requests()).controller.filter(({ verb }) => verb !== 'watch');
  const before = await made();
  await controller.submit().ended();
  const requests = (await made()).slice(before.length);
  console.log(`requests of a task: ${requests.map(neededFor).join(', ')}`);
  expect(requests.length).toBeLessThanOrEqual(8);
});

test('logging containers use all rights of their Role, and the controller those that it always needs', async () => {
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

test.each([
  ['the controller', names.controller, '/configmaps'],
  ['a logging container', names.collector, '/secrets'],
  ['the Pod of a task', 'default', '/pods'],
])('a single request of %s beyond its Role would fail every test', async (_who, account, path) => {
  await using namespace = await createNamespace();
  const objects = `/api/v1/namespaces/${namespace.name}`;
  const accounts = `${objects}/serviceaccounts`;
  if (account !== 'default')
    await callApiServer(accounts, { method: 'POST', body: { metadata: { name: account } } });
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const answer = await callApiServer(`${accounts}/${account}/token`, { method: 'POST', body });
  const { status }: { status: { token: string } } = JSON.parse(answer);
  await expect(callApiServer(objects + path, { token: status.token })).rejects.toMatchObject({ status: 403 });
  const isAudited = async () => {
    const { collector, controller, others } = await requestsFrom(namespace.name, startMs);
    return collector.length + controller.length + others.length > 0;
  };
  await waitFor('the request in the audit log', isAudited);
  await expect(expectRights(await requestsFrom(namespace.name, startMs))).rejects.toThrow();
});
