import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { images } from '../../../internal/dev/testing/cluster/images.ts';
import { TestController } from './controller.ts';
import { linux, smallClass } from './install-controller.ts';
import type { SubmittedTask } from './submitted-task.ts';

/* The Pod from a class's template, read from the API server: the fields of the manifest's author, and our own. */

const [container] = smallClass.spec.containers;

/** Fields that hardly anybody sets. One of them is newer than this repository's types. */
const unusual = {
  metadata: {
    labels: { team: 'ci', 'app.kubernetes.io/managed-by': 'somebody-else' },
    annotations: { 'example.com/note': 'kept', 'karpenter.sh/do-not-disrupt': 'false' },
  },
  spec: {
    activeDeadlineSeconds: 1234,
    dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
    hostAliases: [{ ip: '192.0.2.7', hostnames: ['cache.internal'] }],
    hostname: 'builder',
    resources: { limits: { memory: '512Mi' }, requests: { memory: '128Mi' } },
    restartPolicy: 'Always',
    securityContext: { fsGroup: 4321, supplementalGroupsPolicy: 'Merge' },
    setHostnameAsFQDN: false,
    terminationGracePeriodSeconds: 47,
    tolerations: [{ key: 'spot', operator: 'Exists', effect: 'NoSchedule' }],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { team: 'ci' } },
        matchLabelKeys: ['example.com/nothing'],
      },
    ],
    volumes: [{ name: 'cache', emptyDir: { sizeLimit: '10Mi' } }],
    containers: [
      {
        ...container,
        name: 'whatever',
        image: 'overwritten:1',
        command: ['overwritten'],
        args: ['overwritten'],
        workingDir: '/overwritten',
        imagePullPolicy: 'IfNotPresent',
        volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
        resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
      },
      { name: 'sidecar', image: images.busybox, command: ['sleep', '600'] },
    ],
  },
};

const misspelt = { spec: { ...smallClass.spec, noSuchField: { at: 'all' } } };

let controller: TestController;
let task: SubmittedTask;
let pod: Pod;
beforeAll(async () => {
  controller = await TestController.start({
    classes: {
      'acme/unusual': unusual,
      'acme/misspelt': misspelt,
      [linux]: {
        ...smallClass,
        serviceContainers: { exact: { [images.busybox]: { securityContext: { runAsUser: 77 } } } },
      },
    },
    configuration: { runnerInitResources: { limits: { memory: '96Mi', cpu: '500m' } }, noSuchSetting: 1 },
    variables: { MAX_RUN_TIME: '90m' },
  });
  task = controller.submit({ resourceClass: 'acme/unusual', job: { working_directory: '/shared' } });
  expect(await task.ended()).toMatchObject({ calls: [], message: '' });
  pod = task.pods[0] ?? {};
});
afterAll(() => controller[Symbol.asyncDispose]());

describe('the template of a class arrives at the API server', () => {
  test('with all of its own fields', () => {
    const { containers: _containers, restartPolicy: _policy, tolerations, volumes, ...fields } = unusual.spec;
    expect(pod.spec).toMatchObject(fields);
    expect(pod.spec?.tolerations).toEqual(expect.arrayContaining(tolerations));
    expect(pod.spec?.volumes).toEqual(expect.arrayContaining(volumes));
    expect(pod.metadata).toMatchObject({ labels: { team: 'ci' }, annotations: unusual.metadata.annotations });
  });

  test('with our fields in place of those that are ours', () => {
    expect(pod).toMatchObject({
      metadata: {
        name: expect.stringMatching(new RegExp(`^ccita-${task.id}-0-[0-9a-f]{8}$`)),
        labels: {
          'app.kubernetes.io/managed-by': 'circleci-container-agent',
          'container-agent-instance': expect.stringMatching(/^container-agent-/),
        },
        annotations: {
          'app.circleci.com/task-id': task.id,
          'app.circleci.com/resource-class': 'acme/unusual',
          'app.circleci.com/allocation': task.view.claims[0]?.allocation,
          'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
        },
      },
      spec: { restartPolicy: 'Never', automountServiceAccountToken: false, enableServiceLinks: false },
    });
  });

  test('with the orchestrator in the first container, and the other containers unchanged', () => {
    const [primary, sidecar] = pod.spec?.containers ?? [];
    expect(primary).toMatchObject({
      name: 'container-0',
      image: images.bare,
      command: ['/opt/circleci/bin/orchestrator', 'run-task'],
      imagePullPolicy: 'IfNotPresent',
      livenessProbe: { httpGet: { path: '/live', port: 7623 }, periodSeconds: 10, timeoutSeconds: 5 },
      ports: [{ name: 'health', containerPort: 7623 }],
      resizePolicy: expect.arrayContaining([{ resourceName: 'cpu', restartPolicy: 'NotRequired' }]),
      resources: container?.resources,
      volumeMounts: [
        { name: 'cache', mountPath: '/cache' },
        { name: expect.any(String), mountPath: '/opt/circleci/bin', readOnly: true },
      ],
    });
    expect(primary?.args).toBeUndefined();
    expect(primary?.env).toContainEqual({
      name: 'CIRCLECI_GOAT_CONFIG',
      valueFrom: { secretKeyRef: { name: pod.metadata?.name, key: 'config' } },
    });
    expect(sidecar).toMatchObject({ name: 'sidecar', image: images.busybox, command: ['sleep', '600'] });
  });

  test('with the init container first, within the limits of the configuration', () => {
    expect(pod.spec?.initContainers).toMatchObject([
      { image: images.runnerInit, resources: { limits: { cpu: '500m', memory: '96Mi' } } },
    ]);
  });
});

test('a field that the API server does not know fails no task', async () => {
  const other = controller.submit({ resourceClass: 'acme/misspelt' });
  expect(await other.ended()).toMatchObject({ calls: [] });
});

test('unknown keys of the configuration are warnings, and change nothing', async () => {
  const line = await controller.logged('the key', ({ warning }) => /noSuchSetting/.test(String(warning)));
  expect(line).toMatchObject({ level: 'warn' });
});

test('a service has the spec of the rule that its image matches, and the Pod says which', async () => {
  const other = controller.submit({
    services: [
      { image: images.busybox, command: ['sleep', '600'] },
      { image: images.bare, command: ['/nothing'] },
    ],
    agent: ['sleep=100'],
  });
  await other.pod();
  const [{ metadata, spec } = {}] = other.pods;
  expect(metadata?.annotations?.['app.circleci.com/container-spec-secondary-1']).toBe(
    '{"selectionScope":"resource-class","imageMatchType":"exact"}',
  );
  expect(metadata?.annotations).not.toHaveProperty('app.circleci.com/container-spec-secondary-2');
  const [, logging, matched, copied] = spec?.containers ?? [];
  expect(matched).toMatchObject({ name: 'container-1', securityContext: { runAsUser: 77 } });
  expect(matched?.resources).toEqual({});
  expect(copied).toMatchObject({ name: 'container-2', resources: container?.resources });
  expect(logging).toMatchObject({ image: images.containerAgent, args: ['collect-logs'] });
  const mounting = (secret: string | undefined) =>
    spec?.containers.filter(({ volumeMounts = [] }) => volumeMounts.some(({ name }) => name === secret));
  const token = spec?.volumes?.find((volume) => volume.secret?.secretName === 'logging-collector-token');
  expect(mounting(token?.name)).toEqual([logging]);
  await other.ended();
});

test('the deadline of a job comes from the longest run time', async () => {
  const other = controller.submit();
  await other.ended();
  expect(other.pods[0]?.spec).toMatchObject({ activeDeadlineSeconds: 90 * 60 + 600 });
});
