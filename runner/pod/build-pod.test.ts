import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { buildPod } from './build-pod.ts';
import { containerOf, podOf, primaryOf, services, sketchPlan, withSpec } from './fixtures/plans.ts';

test('a plain job becomes this Pod', async () => {
  await expect(stringify(podOf())).toMatchFileSnapshot('golden/plain.yaml');
});

test('a job with services becomes this Pod', async () => {
  await expect(stringify(podOf({ docker: services }))).toMatchFileSnapshot('golden/services.yaml');
});

test('all fields of a template stay, even unknown ones', () => {
  const spec = {
    newFieldOfTheFuture: { deep: [1, { er: true }] },
    priorityClassName: 'high',
    containers: [
      { resources: { limits: { cpu: 1 } }, anotherNewField: ['x'], stdin: true },
      { name: 'mine', image: 'mine' },
    ],
    initContainers: [{ name: 'before', image: 'before' }],
    volumes: [{ name: 'xyz', emptyDir: {} }],
  };
  const pod = podOf({ resourceClass: { spec: spec as never, metadata: { finalizers: ['example.com/x'] } } });
  expect(pod).toMatchObject({
    metadata: { finalizers: ['example.com/x'] },
    spec: { newFieldOfTheFuture: { deep: [1, { er: true }] }, priorityClassName: 'high' },
  });
  expect(pod.spec?.containers[0]).toMatchObject({
    anotherNewField: ['x'],
    stdin: true,
    resources: { limits: { cpu: 1 } },
  });
  expect(pod.spec?.containers.map(({ name }) => name)).toEqual(['container-0', 'mine']);
  expect(pod.spec?.initContainers?.map(({ name }) => name)).toEqual(['container-agent-init', 'before']);
  expect(pod.spec?.volumes?.map(({ name }) => name)).toEqual(['xyz', 'container-agent-bin']);
});

test('our own fields replace those of a template', () => {
  const container = { name: 'x', image: 'x', args: ['x'], command: ['x'], workingDir: '/x' };
  const pod = podOf({
    resourceClass: {
      spec: { restartPolicy: 'Always', containers: [container] },
      metadata: { name: 'x', namespace: 'x', labels: { 'container-agent-instance': 'x', mine: 'y' } },
    },
  });
  expect(pod.metadata).toMatchObject({ name: 'ccita-1b1c-0-12345678', namespace: 'runner' });
  expect(pod.metadata?.labels).toEqual({
    mine: 'y',
    'app.kubernetes.io/managed-by': 'circleci-container-agent',
    'container-agent-instance': 'container-agent-5d4f',
  });
  expect(pod.spec?.restartPolicy).toBe('Never');
  const { args, command, image, name, workingDir } = pod.spec?.containers[0] ?? {};
  expect({ args, command, image, name, workingDir }).toEqual({
    args: undefined,
    command: ['/opt/circleci/bin/orchestrator', 'run-task'],
    image: 'cimg/base:current',
    name: 'container-0',
    workingDir: undefined,
  });
});

test.each([
  ['terminationGracePeriodSeconds', 5],
  ['activeDeadlineSeconds', 5],
  ['automountServiceAccountToken', true],
  ['enableServiceLinks', true],
])('a template may set %s', (field, value) => {
  expect(podOf(withSpec({ [field]: value })).spec).toMatchObject({ [field]: value });
});

test.each([
  'terminationGracePeriodSeconds',
  'activeDeadlineSeconds',
  'automountServiceAccountToken',
  'enableServiceLinks',
] as const)('a template that leaves %s empty keeps the default', (field) => {
  expect(podOf(withSpec({ [field]: null })).spec?.[field]).toBe(podOf().spec?.[field]);
});

test.each([
  ['the usual periods', [], 74],
  ['a longer grace period', [['CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD', '1m']], 124],
  ['a shutdown delay', [['CIRCLECI_GOAT_SHUTDOWN_DELAY', '1.5s']], 76],
  ['an invalid period', [['CIRCLECI_GOAT_SHUTDOWN_DELAY', 'soon']], 74],
  ['a negative period', [['CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD', '-5h']], 74],
])('the Pod has time to end with %s', (_case, variables, seconds) => {
  const env = variables.map(([name, value]) => ({ name, value }));
  expect(podOf(withSpec({ containers: [{ env }] })).spec?.terminationGracePeriodSeconds).toBe(seconds);
});

test('the kubelet ends the Pod if every replica is dead', () => {
  expect(podOf({ settings: { maxRunTimeMs: 90_500 } }).spec?.activeDeadlineSeconds).toBe(691);
  const forEver = podOf({ settings: { maxRunTimeMs: 700_000 * 3_600_000 } });
  expect(forEver.spec?.activeDeadlineSeconds).toBe(2 ** 31 - 1);
});

test.each(['serviceAccountName', 'serviceAccount'])('a template with a %s keeps its token', (field) => {
  expect(podOf(withSpec({ [field]: 'builder' })).spec?.automountServiceAccountToken).toBeUndefined();
});

test('a port of the template with the name of one of ours is replaced', () => {
  const ports = [
    { name: 'health', containerPort: 80 },
    { name: 'mine', containerPort: 81 },
  ];
  expect(primaryOf(withSpec({ containers: [{ ports }] }))?.ports).toEqual([
    { name: 'mine', containerPort: 81 },
    { name: 'health', containerPort: 7623 },
  ]);
});

test('autoscalers are asked to leave the Pod alone, unless the template or the operator says otherwise', () => {
  const key = 'karpenter.sh/do-not-disrupt';
  expect(podOf().metadata?.annotations?.[key]).toBe('true');
  expect(
    podOf({ resourceClass: { metadata: { annotations: { [key]: 'false' } } } }).metadata?.annotations?.[key],
  ).toBe('false');
  expect(podOf({ settings: { autoscalerAnnotations: false } }).metadata?.annotations?.[key]).toBeUndefined();
});

test('a template may have a liveness probe of its own', () => {
  const livenessProbe = { exec: { command: ['true'] } };
  expect(primaryOf(withSpec({ containers: [{ livenessProbe }] }))?.livenessProbe).toEqual(livenessProbe);
});

test('the init container has the resources that the operator sets, or small ones', () => {
  expect(containerOf('container-agent-init')?.resources).toEqual({
    requests: { cpu: '10m', memory: '32Mi' },
    limits: { cpu: '50m', memory: '64Mi' },
  });
  const initResources = { limits: { memory: '1Gi' } };
  expect(containerOf('container-agent-init', { settings: { initResources } })?.resources).toEqual(
    initResources,
  );
});

test('our containers do not run as root if the Pods of the class may not', () => {
  const sketch = { ...withSpec({ securityContext: { runAsNonRoot: true } }), docker: services };
  for (const name of ['container-agent-init', 'container-agent-logs']) {
    expect(containerOf(name, sketch)?.securityContext).toMatchObject({
      runAsUser: 65_532,
      allowPrivilegeEscalation: false,
    });
    expect(containerOf(name, { docker: services })?.securityContext?.runAsUser).toBeUndefined();
  }
});

test('the logging container starts before the services, whose output it reads, but the primary container is the first', () => {
  const { containers = [] } = podOf({ docker: [...services, { image: 'another' }] }).spec ?? {};
  expect(containers.map(({ name }) => name)).toEqual([
    ...['container-0', 'container-agent-logs', 'container-1', 'container-2'],
  ]);
});

test('only the logging container has credentials to read logs', () => {
  const pod = podOf({ docker: services });
  const withToken = pod.spec?.containers.filter(({ volumeMounts = [] }) =>
    volumeMounts.some(({ name }) => name === 'container-agent-logs-token'),
  );
  expect(withToken?.map(({ name }) => name)).toEqual(['container-agent-logs']);
});

test('credentials for a private image are in their own Secret, beside those of the template', () => {
  const sketch = {
    ...withSpec({ imagePullSecrets: [{ name: 'mine' }] }),
    docker: [{ image: 'x', auth: { username: 'u', password: 'p' } }],
  };
  expect(podOf(sketch).spec?.imagePullSecrets).toEqual([
    { name: 'mine' },
    { name: 'ccita-1b1c-0-12345678-registry' },
  ]);
});

test('the working directory is that of the job', () => {
  expect(primaryOf({ task: { working_directory: '/src' } })?.workingDir).toBe('/src');
});

test('a task can be reached by SSH at its port', () => {
  const plan = { ...sketchPlan(), ssh: { advertiseAddress: 'a:54782', portName: 'ssh-54782', port: 54_782 } };
  const { pod } = buildPod(plan) as unknown as { pod: Pod };
  expect(pod.spec?.containers[0]?.ports).toContainEqual({ name: 'ssh-54782', containerPort: 54_782 });
});

test('every container of a job with services has resources if its class sets them', () => {
  const resources = { requests: { cpu: 1 }, limits: { memory: '1Gi' } };
  const spec = { containers: [{ resources }, { name: 'mine', image: 'mine', resources }] };
  const pod = podOf({ ...withSpec(spec), docker: services });
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  expect(all.map(({ name }) => name)).toEqual([
    ...['container-agent-init', 'container-0', 'container-agent-logs', 'container-1', 'mine'],
  ]);
  for (const { resources } of all)
    expect(resources).toMatchObject({ requests: expect.anything(), limits: expect.anything() });
});
