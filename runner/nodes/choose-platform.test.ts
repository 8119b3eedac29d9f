import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { emptyClass } from '../classes/resource-classes.ts';
import { choosePlatform } from './choose-platform.ts';

const windowsTaint = { key: 'os', value: 'windows', effect: 'NoSchedule' };

/** A node with this system and architecture. Windows nodes are tainted. */
function node(os: string, arch = 'amd64'): Node {
  return {
    metadata: { labels: { 'kubernetes.io/os': os, 'kubernetes.io/arch': arch } },
    ...{ spec: os === 'windows' ? { taints: [windowsTaint] } : {} },
  };
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
const linuxNode = node('linux');
const armNode = node('linux', 'arm64');
const windowsNode = node('windows');

test.each<[string, readonly Node[], object, object]>([
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
    [linuxNode, armNode, windowsNode],
    { ...tolerant, os: { name: 'windows' } },
    { os: 'windows', systems: true, architectures: false },
  ],
  [
    'the system that its affinity requires',
    [linuxNode, windowsNode],
    { ...tolerant, affinity: windowsAffinity },
    { os: 'windows', systems: false },
  ],
  ['two architectures', [linuxNode, armNode], {}, { os: 'linux', architectures: true }],
  ['no nodes', [], tolerant, { os: 'linux', systems: false, architectures: false }],
  [
    'the system that it selects, without nodes',
    [],
    { nodeSelector: { 'kubernetes.io/os': 'windows' } },
    { os: 'windows' },
  ],
])('a class is made for %s', (_case, nodes, spec, expected) => {
  const { mixed, os } = choosePlatform({ ...emptyClass, spec: spec as never }, nodes);
  expect({ os, ...mixed }).toMatchObject(expected);
});
