import type { Container, Pod } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readResourceClasses } from '../classes/read-resource-classes.ts';
import { buildPod } from './build-pod.ts';
import { type PlanSketch, sketchPlan } from './fixtures/plans.ts';
import { linux, windows } from './platform.ts';

function podOf(sketch: PlanSketch = {}): Pod {
  return buildPod(sketchPlan(sketch)).pod as unknown as Pod;
}

function containerOf(name: string, sketch: PlanSketch = {}): Container | undefined {
  const { containers = [], initContainers = [] } = podOf(sketch).spec ?? {};
  return [...initContainers, ...containers].find((container) => container.name === name);
}

const primaryOf = (sketch?: PlanSketch) => containerOf('container-0', sketch);
const withSpec = (spec: object): PlanSketch => ({ resourceClass: { spec: spec as never } });
const services = [{ image: 'cimg/base:current' }, { image: 'cimg/redis:6' }];

test('a plain job becomes this Pod', async () => {
  await expect(stringify(podOf())).toMatchFileSnapshot('golden/plain.yaml');
});

test('a job with services becomes this Pod', async () => {
  await expect(stringify(podOf({ docker: services }))).toMatchFileSnapshot('golden/services.yaml');
});

test('what a template has stays, also what no library knows', () => {
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

test('what is ours is overwritten', () => {
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
  ['the usual periods', [], 74],
  ['a longer grace period', [['CIRCLECI_GOAT_TERMINATION_GRACE_PERIOD', '1m']], 124],
  ['a shutdown delay', [['CIRCLECI_GOAT_SHUTDOWN_DELAY', '1.5s']], 76],
  ['a period that makes no sense', [['CIRCLECI_GOAT_SHUTDOWN_DELAY', 'soon']], 74],
])('the Pod has time to end with %s', (_case, variables, seconds) => {
  const env = variables.map(([name, value]) => ({ name, value }));
  expect(podOf(withSpec({ containers: [{ env }] })).spec?.terminationGracePeriodSeconds).toBe(seconds);
});

test('should every replica be dead, the kubelet ends the Pod', () => {
  expect(podOf({ settings: { maxRunTimeMs: 90_500 } }).spec?.activeDeadlineSeconds).toBe(691);
});

test.each(['serviceAccountName', 'serviceAccount'])('a template with a %s keeps its token', (field) => {
  expect(podOf(withSpec({ [field]: 'builder' })).spec?.automountServiceAccountToken).toBeUndefined();
});

test('a port of the template with the name of one of ours gives way', () => {
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

test('an entrypoint of the image’s own starts the orchestrator', () => {
  const env = [{ name: 'CIRCLECI_GOAT_ENTRYPOINT', value: 'tini,-g,--' }];
  expect(primaryOf(withSpec({ containers: [{ env }] }))?.command).toEqual([
    '/opt/circleci/bin/orchestrator',
    'override',
  ]);
});

test('the environment of the job comes by its Secret, over that of the template', () => {
  const env = [
    { name: 'A', value: 'template' },
    { name: 'B', value: 'template' },
    { name: 'CIRCLECI_GOAT_CONFIG', value: 'x' },
  ];
  const sketch = {
    ...withSpec({ containers: [{ env }] }),
    docker: [{ image: 'x', environment: { A: 'secret' } }],
  };
  const fromSecret = (name: string, key: string) => ({
    name,
    valueFrom: { secretKeyRef: { name: 'ccita-1b1c-0-12345678', key } },
  });
  expect(primaryOf(sketch)?.env).toEqual([
    { name: 'B', value: 'template' },
    fromSecret('A', 'env.0.A'),
    fromSecret('CIRCLECI_GOAT_CONFIG', 'config'),
  ]);
  expect(JSON.stringify(podOf(sketch))).not.toContain('"secret"');
});

test('what is called as JavaScript calls something of its own is in the Pod like all else', () => {
  const { classes } = readResourceClasses(
    'resourceClasses: {a.b: {metadata: {labels: {__proto__: l}}, spec: {__proto__: {x: 1}, nodeSelector: {__proto__: n}}}}',
  );
  const environment = JSON.parse('{"__proto__": "job"}');
  const sketch = {
    resourceClass: classes.byDottedName.get('a.b') ?? {},
    docker: [{ image: 'x', environment }],
  };
  const pod = JSON.stringify(podOf(sketch));
  expect(pod).toContain('"labels":{"__proto__":"l",');
  expect(pod).toContain('"nodeSelector":{"__proto__":"n"}');
  expect(pod).toContain('"__proto__":{"x":1}');
  expect(pod).toContain('"name":"__proto__","valueFrom"');
});

test('a template may have a liveness probe of its own', () => {
  const livenessProbe = { exec: { command: ['true'] } };
  expect(primaryOf(withSpec({ containers: [{ livenessProbe }] }))?.livenessProbe).toEqual(livenessProbe);
});

test('the init container has the operator’s resources, or small ones', () => {
  expect(containerOf('container-agent-init')?.resources).toEqual({
    requests: { cpu: '10m', memory: '32Mi' },
    limits: { cpu: '50m', memory: '64Mi' },
  });
  const initResources = { limits: { memory: '1Gi' } };
  expect(containerOf('container-agent-init', { settings: { initResources } })?.resources).toEqual(
    initResources,
  );
});

test('our containers are no root where the class’s Pods may not be', () => {
  const sketch = { ...withSpec({ securityContext: { runAsNonRoot: true } }), docker: services };
  for (const name of ['container-agent-init', 'container-agent-logs']) {
    expect(containerOf(name, sketch)?.securityContext).toMatchObject({
      runAsUser: 65_532,
      allowPrivilegeEscalation: false,
    });
    expect(containerOf(name, { docker: services })?.securityContext?.runAsUser).toBeUndefined();
  }
});

test('only the logging container has the credentials for the logs', () => {
  const pod = podOf({ docker: services });
  const withToken = pod.spec?.containers.filter(({ volumeMounts = [] }) =>
    volumeMounts.some(({ name }) => name === 'container-agent-logs-token'),
  );
  expect(withToken?.map(({ name }) => name)).toEqual(['container-agent-logs']);
});

test('a private image has its credentials in a Secret of its own type, beside those of the template', () => {
  const sketch = {
    ...withSpec({ imagePullSecrets: [{ name: 'mine' }] }),
    docker: [{ image: 'x', auth: { username: 'u', password: 'p' } }],
  };
  expect(podOf(sketch).spec?.imagePullSecrets).toEqual([
    { name: 'mine' },
    { name: 'ccita-1b1c-0-12345678-registry' },
  ]);
});

test('a service is reached by its name', () => {
  const docker = [{ image: 'x' }, { image: 'y', name: 'db' }];
  expect(podOf({ docker }).spec?.hostAliases).toEqual([{ ip: '127.0.0.1', hostnames: ['db'] }]);
});

test.each(['my_db', 'DB', '-db', 'a'.repeat(254)])(
  'the name %s, which Kubernetes refuses, is left out, and the task’s owner is told',
  (name) => {
    const plan = sketchPlan({
      docker: [
        { image: 'x', name: 'app.local' },
        { image: 'y', name },
      ],
    });
    const { notes, pod } = buildPod(plan) as unknown as { notes: string[]; pod: Pod };
    expect(pod.spec?.hostAliases).toEqual([{ ip: '127.0.0.1', hostnames: ['app.local'] }]);
    expect(notes).toEqual([expect.stringContaining(`No container can be reached as ${name}:`)]);
  },
);

test('the working directory is the job’s', () => {
  expect(primaryOf({ task: { working_directory: '/src' } })?.workingDir).toBe('/src');
});

test('a task can be reached by SSH at the port that it was given', () => {
  const plan = { ...sketchPlan(), ssh: { advertiseAddress: 'a:54782', portName: 'ssh-54782', port: 54_782 } };
  const { pod } = buildPod(plan) as unknown as { pod: Pod };
  expect(pod.spec?.containers[0]?.ports).toContainEqual({ name: 'ssh-54782', containerPort: 54_782 });
});

test.each([
  ['nodes of one kind', { systems: false, architectures: false }, 'init:1-amd64', undefined],
  [
    'nodes of two systems',
    { systems: true, architectures: false },
    'init:1',
    { 'kubernetes.io/os': 'linux' },
  ],
  [
    'nodes of two architectures and an image for all',
    { systems: false, architectures: true },
    'init:1',
    undefined,
  ],
  [
    'nodes of two architectures and an image for one',
    { systems: false, architectures: true },
    'host:5000/init:1-arm64@sha256:12',
    { 'kubernetes.io/arch': 'arm64' },
  ],
])('with %s the Pod goes where the init container runs', (_case, mixed, initImage, nodeSelector) => {
  const plan = { ...sketchPlan({ settings: { initImage } }), platform: { ...linux, mixed } };
  const { pod } = buildPod(plan) as unknown as { pod: Pod };
  expect(pod.spec?.nodeSelector).toEqual(nodeSelector);
});

test('services get the specs that the rules give them, and annotations that say which', () => {
  const { classes } = readResourceClasses(`
serviceContainers: {exact: {"cimg/redis:6": {resources: {requests: {cpu: "0.5", memory: 200Mi}}}}}
resourceClasses:
  my-namespace.my-class:
    serviceContainers:
      exact: {"cimg/postgres:16": {resources: {requests: {cpu: 1, memory: 500Mi}}}}
      prefix: {"cimg/postgres": {resources: {requests: {cpu: 0.7, memory: 250Mi}}}}
      pattern: {"cimg/mysql:.*": {resources: {requests: {cpu: 0.6, memory: 300Mi}}}}
      default: {resources: {requests: {cpu: 0.4, memory: 150Mi}}}
`);
  const images = ['base:current', 'redis:6', 'postgres:16', 'mysql:8', 'mongo:5'];
  const pod = podOf({
    docker: images.map((image) => ({ image: `cimg/${image}` })),
    resourceClass: classes.byDottedName.get('my-namespace.my-class') ?? {},
    settings: { globalServices: classes.services },
  });
  const requests = [1, 2, 3, 4].map((index) => pod.spec?.containers[index]?.resources?.requests);
  expect(requests).toEqual([
    { cpu: '0.5', memory: '200Mi' },
    { cpu: 1, memory: '500Mi' },
    { cpu: 0.6, memory: '300Mi' },
    { cpu: 0.4, memory: '150Mi' },
  ]);
  const notes = pod.metadata?.annotations ?? {};
  expect([1, 2, 3, 4].map((index) => notes[`app.circleci.com/container-spec-secondary-${index}`])).toEqual([
    '{"selectionScope":"global","imageMatchType":"exact"}',
    '{"selectionScope":"resource-class","imageMatchType":"exact"}',
    '{"selectionScope":"resource-class","imageMatchType":"pattern"}',
    '{"selectionScope":"resource-class","imageMatchType":"default"}',
  ]);
});

test('a service that no rule matches gets the primary’s spec, and a note where that counts devices', () => {
  const spec = { containers: [{ resources: { limits: { 'example.com/gpu': 1 } }, command: ['x'] }] };
  const { notes, pod } = buildPod(sketchPlan({ ...withSpec(spec), docker: services }));
  const [, service] = (pod as unknown as Pod).spec?.containers ?? [];
  expect(service).toMatchObject({
    name: 'container-1',
    image: 'cimg/redis:6',
    resources: { limits: { 'example.com/gpu': 1 } },
  });
  expect(service?.command).toBeUndefined();
  expect((pod as unknown as Pod).metadata?.annotations).not.toHaveProperty(
    'app.circleci.com/container-spec-secondary-1',
  );
  expect(notes).toEqual([expect.stringContaining('cimg/redis:6 asks for example.com/gpu')]);
});

test.each([
  ['1000', { runAsUser: 1000 }, []],
  ['1000:2000', { runAsUser: 1000, runAsGroup: 2000 }, []],
  ['postgres', undefined, [expect.stringContaining('not as postgres')]],
])('a service runs as the user %s as far as Kubernetes can', (user, securityContext, expected) => {
  const { notes, pod } = buildPod(sketchPlan({ docker: [{ image: 'x' }, { image: 'y', user }] }));
  expect((pod as unknown as Pod).spec?.containers[1]?.securityContext).toEqual(securityContext);
  expect(notes).toEqual(expected);
});

test('a service has the job’s entrypoint and command as its own, to the letter', () => {
  const docker = [{ image: 'x' }, { image: 'y', entrypoint: 'a', command: ['b', '$(HOME) $$ $1'] }];
  expect(containerOf('container-1', { docker })).toMatchObject({
    command: ['a'],
    args: ['b', '$$(HOME) $$$$ $$1'],
  });
});

test('what a rule says of a service’s program holds where the job says nothing', () => {
  const { classes } = readResourceClasses(
    'serviceContainers: {default: {command: [db], args: [--fast], workingDir: /db}}',
  );
  const settings = { globalServices: classes.services };
  const program = (entry: object) => {
    const docker = [{ image: 'x' }, { image: 'y', ...entry }];
    const { args, command, workingDir } = containerOf('container-1', { docker, settings }) ?? {};
    return { args, command, workingDir };
  };
  expect(program({})).toEqual({ command: ['db'], args: ['--fast'], workingDir: '/db' });
  expect(program({ command: 'x' })).toEqual({ command: undefined, args: ['x'], workingDir: '/db' });
});

test('a job on Windows becomes this Pod', async () => {
  const spec = { tolerations: [{ key: 'os', operator: 'Exists' }], containers: [{ stdin: true }] };
  const plan = { ...sketchPlan({ resourceClass: { spec } }), platform: windows };
  await expect(stringify(buildPod(plan).pod)).toMatchFileSnapshot('golden/windows.yaml');
});

/** Kubernetes documentation, "Pods on Windows": the API server refuses them in a Pod whose `os` is Windows. */
const onlyOnLinux = [
  ...[
    'hostPID',
    'hostIPC',
    'hostUsers',
    'shareProcessNamespace',
    'fsGroup',
    'fsGroupChangePolicy',
    'sysctls',
  ],
  ...['seLinuxOptions', 'seccompProfile', 'appArmorProfile', 'supplementalGroups', 'runAsUser', 'runAsGroup'],
  ...['capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount'],
];

test('a Windows Pod has no field of ours that Windows refuses', () => {
  const docker = [
    { image: 'x', user: '1000' },
    { image: 'y', user: '1000' },
  ];
  const securityContext = { runAsNonRoot: true };
  const sketch = sketchPlan({ docker, resourceClass: { spec: { securityContext } } });
  const { pod } = buildPod({ ...sketch, platform: windows }) as unknown as { pod: Pod };
  for (const field of onlyOnLinux) expect(JSON.stringify(pod)).not.toContain(`"${field}":`);
  expect(pod.spec?.containers[1]?.securityContext).toEqual({ windowsOptions: { runAsUserName: '1000' } });
  const paths = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].flatMap(
    ({ volumeMounts = [] }) => volumeMounts.map(({ mountPath }) => mountPath),
  );
  expect(paths.filter((path) => !path.startsWith('C:\\'))).toEqual([
    '/var/run/secrets/kubernetes.io/serviceaccount',
  ]);
});

test.each([
  ['what it names', {}, { 'kubernetes.io/os': 'windows' }, { name: 'windows' }],
  [
    'what its template says',
    { os: null, nodeSelector: { 'kubernetes.io/os': 'windows', pool: 'a' } },
    { 'kubernetes.io/os': 'windows', pool: 'a' },
    null,
  ],
])('a Windows Pod goes to a Windows node by %s', (_case, spec, nodeSelector, os) => {
  const plan = { ...sketchPlan({ resourceClass: { spec } }), platform: windows };
  expect(buildPod(plan).pod).toMatchObject({ spec: { nodeSelector, os } });
});

test('every container of a job with services says what it needs, where its class does', () => {
  const resources = { requests: { cpu: 1 }, limits: { memory: '1Gi' } };
  const spec = { containers: [{ resources }, { name: 'mine', image: 'mine', resources }] };
  const pod = podOf({ ...withSpec(spec), docker: services });
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  expect(all.map(({ name }) => name)).toEqual([
    ...['container-agent-init', 'container-0', 'container-1', 'container-agent-logs', 'mine'],
  ]);
  for (const { resources } of all)
    expect(resources).toMatchObject({ requests: expect.anything(), limits: expect.anything() });
});

test('a container with very many variables has all of them in time, each once', () => {
  const names = Array.from({ length: 200_000 }, (_, n) => `V${n}`);
  const env = [...names, 'V7'].map((name) => ({ name, value: 'of the template' }));
  const environment = { JOB: 'of the job' };
  const sketch = { ...withSpec({ containers: [{ env }] }), docker: [{ image: 'x', environment }] };
  const variables = primaryOf(sketch)?.env?.map(({ name }) => name) ?? [];
  expect(variables).toHaveLength(names.length + 2);
  expect(new Set(variables).size).toBe(variables.length);
});

test('a container that is called like the runner API leads nobody astray', () => {
  const docker = [{ image: 'x' }, { image: 'y', name: 'runner.example.com' }, { image: 'z', name: 'db' }];
  const { notes, pod } = buildPod(sketchPlan({ docker }));
  expect(notes).toEqual([
    'No container can be reached as runner.example.com: that is the runner API. All of them can be reached as localhost.',
  ]);
  expect((pod as unknown as Pod).spec?.hostAliases).toEqual([{ ip: '127.0.0.1', hostnames: ['db'] }]);
});
