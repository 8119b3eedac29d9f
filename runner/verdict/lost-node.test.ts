import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import { readyNode, sketchNode } from './fixtures/nodes.ts';
import { ended, running, sketchPod } from './fixtures/pods.ts';
import { describeLoss, unconfirmedNodeOf } from './lost-node.ts';

test.each<[string, Node | undefined, string | undefined]>([
  ['is ready', readyNode, undefined],
  ['is ready and taken by others', sketchNode('True', 'example.com/gpu'), undefined],
  ['is being drained', sketchNode('True', 'node.kubernetes.io/unschedulable'), undefined],
  ['has fallen silent', sketchNode('Unknown'), 'its condition Ready is Unknown'],
  ['cannot run Pods', sketchNode('False'), 'its condition Ready is False'],
  ['has never said anything', { status: {} }, 'its condition Ready is missing'],
  [
    'was unreachable a moment ago',
    sketchNode('True', 'node.kubernetes.io/unreachable'),
    'it has the taint node.kubernetes.io/unreachable',
  ],
  [
    'was not ready a moment ago',
    sketchNode('True', 'node.kubernetes.io/not-ready'),
    'it has the taint node.kubernetes.io/not-ready',
  ],
  ['was removed', undefined, 'it no longer exists'],
])('a node that %s is lost, or not', (_, node, loss) => {
  expect(describeLoss(node)).toBe(loss);
});

const failed = { phase: 'Failed' };
const removed = { type: 'DisruptionTarget', reason: 'DeletionByPodGC' };
const evicted = { type: 'DisruptionTarget', reason: 'DeletionByTaintManager' };

test.each([
  ['has not started', sketchPod(), 'node-a'],
  ['runs', sketchPod({ states: { 'container-0': running } }), 'node-a'],
  ['is evicted from a lost node', sketchPod({ deleted: true, conditions: [evicted] }), 'node-a'],
  ['was removed with its node', sketchPod({ status: failed, conditions: [removed] }), 'node-a'],
  ['was refused by its kubelet', sketchPod({ status: { ...failed, reason: 'OutOfcpu' } }), undefined],
  ['has an init container that failed', sketchPod({ status: failed }), undefined],
  ['has ended', sketchPod({ states: { 'container-0': ended(1) } }), undefined],
  ['has no node', sketchPod({ node: '' }), undefined],
])('a Pod that %s may run unseen, or not', (_, pod, node) => {
  expect(unconfirmedNodeOf(pod)).toBe(node);
});
