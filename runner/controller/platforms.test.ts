import { expect, test } from 'vitest';
import { testKubernetes } from '../../clients/kubernetes/test-kubernetes.ts';
import { sendStatus } from '../../internal/dev/kubernetes-api/answers.ts';
import { emptyClass } from '../classes/resource-classes.ts';
import { recordingLogger } from '../observability/fixtures/recording-logger.ts';
import { Platforms } from './platforms.ts';

const nodesPath = '/api/v1/nodes';
const windowsTaint = { key: 'os', value: 'windows', effect: 'NoSchedule' };

/** A cluster with nodes of these systems and architectures, those with Windows tainted. */
async function startCluster(...kinds: readonly (readonly [os: string, arch: string])[]) {
  const kubernetes = await testKubernetes();
  for (const [index, [os, arch]] of kinds.entries()) {
    kubernetes.api.put(nodesPath, {
      metadata: {
        name: `node-${index}`,
        ...{ labels: { 'kubernetes.io/os': os, 'kubernetes.io/arch': arch } },
      },
      ...{ spec: os === 'windows' ? { taints: [windowsTaint] } : {} },
    });
  }
  const platformOf = async (platforms: Platforms, spec: object = {}) => {
    const { mixed, os } = await platforms.platformFor(
      { ...emptyClass, spec: spec as never },
      kubernetes.signal,
    );
    return { os, ...mixed };
  };
  return { ...kubernetes, platformOf, platforms: new Platforms(kubernetes.client, recordingLogger().logger) };
}

const tolerant = { tolerations: [{ key: 'os', operator: 'Exists' }] };
const windowsAffinity = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['windows'] }] },
      ],
    },
  },
};
const linuxNode = ['linux', 'amd64'] as const;
const windowsNode = ['windows', 'amd64'] as const;

test.each<[string, readonly (readonly [string, string])[], object, object]>([
  ['Linux nodes alone', [linuxNode], {}, { os: 'linux', systems: false, architectures: false }],
  ['Windows nodes that it tolerates', [windowsNode], tolerant, { os: 'windows', systems: false }],
  ['Windows nodes that it does not tolerate', [linuxNode, windowsNode], {}, { os: 'linux', systems: false }],
  ['nodes of both systems', [linuxNode, windowsNode], tolerant, { os: 'linux', systems: true }],
  [
    'the system that it selects',
    [linuxNode, windowsNode],
    { ...tolerant, nodeSelector: { 'kubernetes.io/os': 'windows' } },
    { os: 'windows', systems: false },
  ],
  ['the system that it names', [linuxNode], { os: { name: 'windows' } }, { os: 'windows', systems: false }],
  [
    'the system that it names, where it could be scheduled on the other',
    [linuxNode, ['linux', 'arm64'], windowsNode],
    { ...tolerant, os: { name: 'windows' } },
    { os: 'windows', systems: true, architectures: false },
  ],
  [
    'the system that its affinity requires',
    [linuxNode, windowsNode],
    { ...tolerant, affinity: windowsAffinity },
    { os: 'windows', systems: false },
  ],
  ['two architectures', [linuxNode, ['linux', 'arm64']], {}, { os: 'linux', architectures: true }],
  ['no nodes', [], {}, { os: 'linux', systems: false, architectures: false }],
])('a class is made for %s', async (_case, kinds, spec, expected) => {
  const { platformOf, platforms } = await startCluster(...kinds);
  expect(await platformOf(platforms, spec)).toMatchObject(expected);
});

test('nodes are not listed for each task', async () => {
  const { api, platformOf, platforms } = await startCluster(linuxNode);
  await platformOf(platforms);
  await platformOf(platforms);
  expect(api.requests).toHaveLength(1);
});

test('without the right to list nodes, Pods are for Linux, and the right is asked for once', async () => {
  const { api, platformOf, platforms } = await startCluster(windowsNode);
  api.intercept = (_request, response) => {
    sendStatus(response, 403, 'Forbidden', 'nodes is forbidden');
    return true;
  };
  expect((await platformOf(platforms, tolerant)).os).toBe('linux');
  expect((await platformOf(platforms, tolerant)).os).toBe('linux');
  expect(api.requests).toHaveLength(1);
});

test('where nodes are not to be looked at, Pods are for the system of this program, or what they say', async () => {
  const { api, platformOf } = await startCluster(windowsNode);
  const platforms = new Platforms(undefined, recordingLogger().logger);
  expect((await platformOf(platforms, tolerant)).os).toBe('linux');
  expect((await platformOf(platforms, { nodeSelector: { 'kubernetes.io/os': 'windows' } })).os).toBe(
    'windows',
  );
  expect(api.requests).toHaveLength(0);
});
