import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { EndpointSliceList } from 'kubernetes-types/discovery/v1.d.ts';
import { beforeAll, expect, test } from 'vitest';
import { callApiServer } from '../../../internal/dev/cluster/api-server.ts';
import { installGatewayApi } from '../../../internal/dev/cluster/gateway-api.ts';
import { startAdmissionWebhook } from '../../../internal/dev/testing/cluster/admission-webhook.ts';
import { waitFor } from '../../../internal/dev/testing/wait-for.ts';
import { TestController } from './controller.ts';
import { patience } from './patience.ts';
import type { SubmittedTask } from './submitted-task.ts';

/* Jobs with SSH, with the real definitions of the Gateway API. Without a controller for it, tests set its address. */

const name = 'entrance';
const group = 'gateway.networking.k8s.io';

beforeAll(() => installGatewayApi(new AbortController().signal));

/** Starts a controller with a Gateway with these ports, like the chart's. */
async function startWithSsh(ports: readonly number[], replicas = 1): Promise<TestController> {
  const named = ports.map((port) => ({ name: `ssh-${port}`, port, protocol: 'TCP' }));
  const allowedRoutes = { kinds: [{ kind: 'TCPRoute' }] };
  const gateway = { gatewayClassName: name, listeners: named.map((it) => ({ ...it, allowedRoutes })) };
  const service = {
    selector: { 'app.kubernetes.io/managed-by': 'circleci-container-agent' },
    ports: named.map((it) => ({ ...it, targetPort: it.name })),
  };
  const routes = named.map((it) => ({
    apiVersion: `${group}/v1alpha2`,
    kind: 'TCPRoute',
    metadata: { name: it.name },
    spec: {
      parentRefs: [{ name, sectionName: it.name }],
      rules: [{ backendRefs: [{ name, port: it.port }] }],
    },
  }));
  return await TestController.start({
    replicas,
    rights: [{ apiGroups: ['', group], resources: ['gateways', 'services'], verbs: ['get'] }],
    variables: {
      KUBE_SSH_IS_ENABLED: 'true',
      KUBE_SSH_GATEWAY_NAME: name,
      KUBE_SSH_SERVICE_NAME: name,
      MAX_CONCURRENT_TASKS: String(ports.length),
    },
    objects: [
      { apiVersion: `${group}/v1`, kind: 'Gateway', metadata: { name }, spec: gateway },
      { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: service },
      ...routes,
    ],
  });
}

/** Sets the address, like the Gateway's controller. */
async function giveAddress({ namespace }: TestController, value: string): Promise<void> {
  const path = `/apis/${group}/v1/namespaces/${namespace}/gateways/${name}/status`;
  await callApiServer(path, {
    method: 'PATCH',
    body: { status: { addresses: [{ type: 'IPAddress', value }] } },
  });
}

const submitWithSsh = (controller: TestController): SubmittedTask =>
  controller.submit({
    agent: ['print=/proc/self/cmdline', 'say=', 'wait-file=/shared/end'],
    fields: { ssh: { enabled: true } },
  });

const portsOf = ({ spec }: Pod) =>
  (spec?.containers ?? []).flatMap(({ ports = [] }) => ports.map((port) => port.name));

/** The addresses to which the Service sends connections to a port. */
async function addressesBehind({ namespace }: TestController, port: string): Promise<string[]> {
  const selector = `labelSelector=kubernetes.io/service-name=${name}`;
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?${selector}`;
  const { items }: EndpointSliceList = JSON.parse(await callApiServer(path));
  return items
    .filter(({ ports = [] }) => ports.some((it) => it.name === port))
    .flatMap(({ endpoints }) => endpoints.flatMap(({ addresses }) => addresses));
}

test('a job waits for the address of the Gateway, and can be reached at a port that no other job has', async () => {
  await using controller = await startWithSsh([54_782, 54_783]);
  const tasks = [submitWithSsh(controller), submitWithSsh(controller)];
  await controller.logged('that there is no address', ({ error }) =>
    /no address yet/.test(JSON.stringify(error)),
  );
  await giveAddress(controller, '2001:db8::7');
  const taken: string[] = [];
  for (const task of tasks) {
    const [, port] = await task.printed(/--sshAdvertiseAddr=\[2001:db8::7\]:(\d+)/);
    const pod = await task.podWith('its address', (it) => (it.status?.podIP ? it : undefined));
    expect(portsOf(pod)).toContain(`ssh-${port}`);
    const leadsThere = async () => {
      const [behind, ...others] = await addressesBehind(controller, `ssh-${port}`);
      return behind === pod.status?.podIP && others.length === 0;
    };
    await waitFor('the Service to lead to the Pod', leadsThere, patience);
    taken.push(port ?? '');
  }
  expect(taken.sort()).toEqual(['54782', '54783']);
  for (const task of tasks) await task.touch('/shared/end');
  for (const task of tasks) expect(await task.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
});

test('if two replicas give a port away at the same moment, one hands its task back', async () => {
  await using controller = await startWithSsh([54_782], 2);
  await giveAddress(controller, '192.0.2.7');
  /** By name: a creation that is not answered in time is tried again. */
  const arrived = new Map<string, Pod>();
  const both = Promise.withResolvers<void>();
  // No Pod exists before both replicas have chosen the port.
  await using _webhook = await startAdmissionWebhook({
    namespace: controller.namespace,
    timeoutSeconds: 30,
    judge: async (pod) => {
      arrived.set(pod.metadata?.name ?? '', pod);
      if (arrived.size === 2) both.resolve();
      await both.promise;
      return { patch: [] };
    },
  });
  const tasks = [submitWithSsh(controller), submitWithSsh(controller)];
  // The task that is handed back may be claimed again, and have a third Pod.
  const pods = await waitFor('both Pods', () => arrived.size === 2 && [...arrived.values()], patience);
  expect(pods.map((pod) => portsOf(pod).includes('ssh-54782'))).toEqual([true, true]);
  const isLoser = ({ requests }: SubmittedTask) => requests.some(({ call }) => call === 'unclaim');
  const loser = await waitFor('the hand-back', () => tasks.find(isLoser), patience);
  const winner = tasks.find((task) => task !== loser);
  expect(await loser.ended()).toMatchObject({
    calls: ['unclaim'],
    lifecycle: expect.stringMatching(/Another task was given the SSH port 54782 at the same moment/),
    work: { reason: 'not-created', 'app.to_retry': true },
  });
  await winner?.printed(/--sshAdvertiseAddr=192\.0\.2\.7:54782/);
  await winner?.touch('/shared/end');
  expect(await winner?.ended()).toMatchObject({ calls: [], work: { end: 'done' } });
});
