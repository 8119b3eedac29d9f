import { expect, test } from 'vitest';
import type { JsonObject } from '../../internal/json.ts';
import { selectsNode, toleratesNode } from './fits-node.ts';

const node = {
  metadata: { name: 'node-a', labels: { disk: 'ssd', cores: '8', size: '', speed: '2.5' } },
  spec: { taints: [{ key: 'os', value: 'windows', effect: 'NoSchedule' }] },
};
const requires = (...terms: object[]) => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
  },
});
const field = (key: string, operator: string, ...values: string[]) => ({
  matchFields: [{ key, operator, values }],
});
const expression = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, values }],
});

test.each<[object, boolean]>([
  [{}, true],
  [{ nodeName: 'node-a' }, true],
  [{ nodeName: 'node-b' }, false],
  [{ nodeSelector: { disk: 'ssd' } }, true],
  [{ nodeSelector: { disk: 'ssd', gpu: 'yes' } }, false],
  [requires(expression('disk', 'In', 'hdd', 'ssd')), true],
  [requires(expression('disk', 'In', 'hdd')), false],
  [requires(expression('gpu', 'In', 'yes')), false],
  [requires(expression('disk', 'NotIn', 'hdd')), true],
  [requires(expression('disk', 'NotIn', 'ssd')), false],
  [requires(expression('gpu', 'NotIn', 'yes')), true],
  [requires(expression('disk', 'Exists')), true],
  [requires(expression('gpu', 'Exists')), false],
  [requires(expression('gpu', 'DoesNotExist')), true],
  [requires(expression('disk', 'DoesNotExist')), false],
  [requires(expression('cores', 'Gt', '4')), true],
  [requires(expression('cores', 'Gt', '8')), false],
  [requires(expression('cores', 'Lt', '16')), true],
  [requires(expression('cores', 'Lt', '8')), false],
  [requires(expression('disk', 'Gt', '4')), false],
  [requires(expression('size', 'Lt', '4')), false],
  [requires(expression('speed', 'Gt', '1')), false],
  [requires(expression('gpu', 'Lt', '4')), false],
  [requires(expression('constructor', 'Exists')), false],
  [requires(field('metadata.name', 'In', 'node-a')), true],
  [requires(field('metadata.name', 'In', 'node-b')), false],
  [requires(field('metadata.name', 'NotIn', 'node-b')), true],
  [requires({ ...expression('disk', 'Exists'), ...field('metadata.name', 'In', 'node-b') }), false],
  [requires({ ...expression('gpu', 'Exists'), ...field('metadata.name', 'In', 'node-a') }), false],
  [requires({}), false],
  [requires({}, expression('disk', 'Exists')), true],
  [requires(expression('disk', 'In', 'hdd'), expression('disk', 'In', 'ssd')), true],
  [
    requires({
      matchExpressions: [
        ...expression('disk', 'Exists').matchExpressions,
        ...expression('gpu', 'Exists').matchExpressions,
      ],
    }),
    false,
  ],
])('%j selects the node: %s', (spec, expected) => {
  expect(selectsNode(spec as JsonObject, node)).toBe(expected);
});

test.each<[object[], boolean]>([
  [[], false],
  [[{ key: 'os', value: 'windows', effect: 'NoSchedule' }], true],
  [[{ key: 'os', value: 'windows' }], true],
  [[{ key: 'os', operator: 'Exists' }], true],
  [[{ operator: 'Exists' }], true],
  [[{ key: 'os', value: 'linux' }], false],
  [[{ key: 'os', value: 'windows', effect: 'NoExecute' }], false],
])('%j tolerates its taint: %s', (tolerations, expected) => {
  expect(toleratesNode({ tolerations } as unknown as JsonObject, node)).toBe(expected);
});

test('a taint that only asks schedulers to prefer other nodes is not an obstacle', () => {
  expect(toleratesNode({}, { spec: { taints: [{ key: 'a', effect: 'PreferNoSchedule' }] } })).toBe(true);
});
