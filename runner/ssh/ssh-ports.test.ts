import { setImmediate } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { podsPath, testKubernetes } from '../../clients/kubernetes/fixtures/test-kubernetes.ts';
import { sendJson, sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import type { StoredObject } from '../../internal/dev/kubernetes-api/object-store.ts';
import { ownLabels } from '../pod/own-metadata.ts';
import { SshPorts } from './ssh-ports.ts';

const gateways = '/apis/gateway.networking.k8s.io/v1/namespaces/runner/gateways';
const services = '/api/v1/namespaces/runner/services';

/** A namespace with a Gateway with some ports, and Pods that have one each. */
async function startGateway({
  address = '192.0.2.7',
  listeners = ['ssh-54782', 'ssh-54783'],
  targets = listeners,
}: Partial<Record<'listeners' | 'targets', string[]>> & { readonly address?: string } = {}) {
  const { api, client, signal } = await testKubernetes();
  const put = (path: string, object: object) => void api.put(path, object as StoredObject);
  put(gateways, {
    metadata: { name: 'the-gate' },
    spec: { listeners: [...listeners, 'http'].map((name) => ({ name, port: Number(name.slice(4)) || 80 })) },
    status: { addresses: address === '' ? [] : [{ type: 'IPAddress', value: address }] },
  });
  put(services, {
    metadata: { name: 'the-service' },
    spec: { ports: targets.map((targetPort) => ({ targetPort })) },
  });
  const addPod = (name: string, port: string, phase: string) =>
    api.put(podsPath, {
      metadata: { name, uid: name, labels: ownLabels('us') },
      ...{ spec: { containers: [{ ports: [{ name: port }] }] }, status: { phase } },
    } as StoredObject) as Pod;
  const ports = new SshPorts(client, { gateway: 'the-gate', service: 'the-service' }, signal);
  return { addPod, api, ports };
}

test.each([
  ['192.0.2.7', '192.0.2.7:54782'],
  ['2001:db8::7', '[2001:db8::7]:54782'],
  ['ssh.example.com', 'ssh.example.com:54782'],
])('a job is reached at the address of the Gateway: %s', async (address, advertiseAddress) => {
  const { ports } = await startGateway({ address, listeners: ['ssh-54782'] });
  expect(await ports.reserve()).toEqual({ portName: 'ssh-54782', port: 54_782, advertiseAddress });
});

test('a port belongs to one live Pod, or to one task without a Pod yet', async () => {
  const { addPod, ports } = await startGateway({ listeners: ['ssh-1', 'ssh-2', 'ssh-3'] });
  addPod('runs', 'ssh-1', 'Running');
  addPod('ended', 'ssh-2', 'Succeeded');
  const both = [await ports.reserve(), await ports.reserve()];
  expect(both.map(({ portName }) => portName).sort()).toEqual(['ssh-2', 'ssh-3']);
  await expect(ports.reserve()).rejects.toMatchObject({
    message:
      'all 3 ports of the Gateway the-gate for jobs with SSH are taken. Look at agent.ssh.numPorts of the chart',
    passing: true,
  });
  for (const endpoint of both) ports.release(endpoint);
  await expect(ports.reserve()).resolves.toBeDefined();
});

test('a Pod whose job has ended has no port, though its services run on', async () => {
  const { addPod, api, ports } = await startGateway({ listeners: ['ssh-1'] });
  const kept = addPod('kept', 'ssh-1', 'Running');
  const containers = [{ name: 'container-0', ports: [{ name: 'ssh-1' }] }];
  const containerStatuses = [{ name: 'container-0', state: { terminated: { exitCode: 0 } } }];
  api.put(podsPath, {
    ...kept,
    spec: { containers },
    status: { phase: 'Running', containerStatuses },
  } as StoredObject);
  expect(await ports.reserve()).toMatchObject({ portName: 'ssh-1' });
});

test('a listener is not used if the Service has no port for it', async () => {
  const { ports } = await startGateway({ listeners: ['ssh-1', 'ssh-2'], targets: ['ssh-2'] });
  expect((await ports.reserve()).portName).toBe('ssh-2');
});

test('a Gateway that has no address yet is waited for', async () => {
  const { ports } = await startGateway({ address: '' });
  await expect(ports.reserve()).rejects.toMatchObject({
    message: 'the Gateway the-gate has no address yet. Look at its status, and at its controller',
    passing: true,
  });
});

test('a Gateway that does not exist is named', async () => {
  const { api, ports } = await startGateway();
  api.remove(gateways, 'the-gate');
  await expect(ports.reserve()).rejects.toMatchObject({
    message: expect.stringContaining('the Gateway for jobs with SSH cannot be read: the-gate not found'),
    passing: false,
  });
});

test('if Pods get a port at the same time, the first one keeps it, whenever each of them looks', async () => {
  const { addPod, ports } = await startGateway({ listeners: ['ssh-1'] });
  const endpoint = await ports.reserve();
  const pods = [addPod('b', 'ssh-1', 'Pending')];
  const alone = await ports.hasOlderRival(endpoint, pods[0] ?? {});
  pods.push(addPod('a', 'ssh-1', 'Pending'), addPod('c', 'ssh-1', 'Pending'));
  const lost = await Promise.all(pods.map((pod) => ports.hasOlderRival(endpoint, pod)));
  expect([alone, ...lost]).toEqual([false, false, true, true]);
});

const endpoint = { portName: 'ssh-1', port: 1, advertiseAddress: '192.0.2.7:1' };

test('there is only one list of all Pods at a time, for all tasks that ask', async () => {
  const listeners = Array.from({ length: 20 }, (_, index) => `ssh-${index}`);
  const { addPod, api, ports } = await startGateway({ listeners });
  let [lists, underWay, most] = [0, 0, 0];
  api.intercept = async ({ method, path }) => {
    if (method !== 'GET' || path !== podsPath) return false;
    lists++;
    most = Math.max(most, ++underWay);
    await setImmediate();
    underWay--;
    return false;
  };
  const given = await Promise.all(listeners.map(() => ports.reserve()));
  expect(new Set(given.map(({ portName }) => portName)).size).toBe(listeners.length);
  // Each has a rival, so each needs a list of its own time.
  for (const { portName } of given) addPod(`rival-of-${portName}`, portName, 'Running');
  const lost = await Promise.all(
    given.map((port, index) => ports.hasOlderRival(port, addPod(`${index}`, port.portName, 'Pending'))),
  );
  expect(lost).toEqual(given.map(() => true));
  expect(most).toBe(1);
  expect(lists).toBeLessThan(2 * listeners.length);
});

test('for a new Pod, no list counts that began before the Pod was created', async () => {
  const { addPod, api, ports } = await startGateway({ listeners: ['ssh-1', 'ssh-2'] });
  const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  api.intercept = async ({ path }, response) => {
    if (path !== podsPath) return false;
    api.intercept = () => false;
    begun.resolve();
    await held.promise;
    sendJson(response, 200, { kind: 'List', items: [] });
    return true;
  };
  const reserved = ports.reserve();
  await begun.promise;
  addPod('rival', 'ssh-1', 'Running');
  const lost = ports.hasOlderRival(endpoint, addPod('ours', 'ssh-1', 'Pending'));
  held.resolve();
  await reserved;
  expect(await lost).toBe(true);
});

test('a failed list fails those who wait for it, and nobody else', async () => {
  const { api, ports } = await startGateway({ listeners: ['ssh-1'] });
  api.intercept = ({ path }, response) => {
    if (path !== podsPath) return false;
    sendStatus(response, 500, 'InternalError', 'etcd is slow');
    return true;
  };
  await expect(ports.reserve()).rejects.toMatchObject({
    message: expect.stringContaining('the Pods cannot be listed: etcd is slow'),
    passing: true,
  });
  api.intercept = () => false;
  await expect(ports.reserve()).resolves.toEqual(endpoint);
});

test('a malformed Pod keeps no job from its port', async () => {
  const { addPod, api, ports } = await startGateway({ listeners: ['ssh-1', 'ssh-2'] });
  addPod('runs', 'ssh-1', 'Running');
  const { metadata } = addPod('malformed', 'ssh-2', 'Running');
  api.put(podsPath, { metadata, spec: { containers: [null] } } as never);
  expect((await ports.reserve()).portName).toBe('ssh-2');
});

test('an ended Pod with the same port is not a rival', async () => {
  const { addPod, ports } = await startGateway({ listeners: ['ssh-1'] });
  const endpoint = await ports.reserve();
  addPod('before', 'ssh-1', 'Failed');
  expect(await ports.hasOlderRival(endpoint, addPod('ours', 'ssh-1', 'Pending'))).toBe(false);
});

test('a port that two live Pods have is found, but no port of other origin than the Gateway', async () => {
  const { addPod, ports } = await startGateway({ listeners: ['ssh-1', 'ssh-2'] });
  const pod = addPod('ours', 'ssh-1', 'Pending');
  const of = addPod('of-a-template', 'ssh-9', 'Pending');
  addPod('of-the-same-template', 'ssh-9', 'Running');
  addPod('another', 'ssh-2', 'Running');
  addPod('before', 'ssh-1', 'Succeeded');
  expect(await ports.findShared(pod)).toBeUndefined();
  expect(await ports.findShared(of)).toBeUndefined();
  addPod('rival', 'ssh-1', 'Running');
  expect(await ports.findShared(pod)).toBe(1);
});
