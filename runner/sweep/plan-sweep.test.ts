import type { Secret } from 'kubernetes-types/core/v1.d.ts';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../clients/kubernetes/read-answer.ts';
import { annotations, labels, registrySecretName } from '../names/names.ts';
import { foundPod, foundSecret } from './found-object.ts';
import { takeInventory } from './inventory.ts';
import { buildLock, lockName } from './lock.ts';
import { planSweep, type SweepRules } from './plan-sweep.ts';

const task = 'ccita-1b1c-0-12345678';

function metadata(name: string, instance: string | undefined, kind: string) {
  const own = instance === undefined ? {} : { [labels.instance]: instance };
  return {
    ...{ name, uid: `${kind}-uid`, labels: { [labels.managedBy]: 'circleci-container-agent', ...own } },
    annotations: instance === undefined ? {} : { [annotations.taskId]: '1b1c' },
  };
}
/** An object like those of other container runners, or of another version of this one. */
const unlike = <T extends KubernetesObject>(object: T): T => ({
  ...object,
  metadata: { ...object.metadata, annotations: {} },
});

const pod = (instance: string | undefined): KubernetesObject => ({
  metadata: metadata(task, instance, 'pod'),
});
const secret = (instance: string | undefined): Secret => ({ metadata: metadata(task, instance, 'secret') });
const registry = (instance: string): Secret => ({
  metadata: metadata(registrySecretName(task), instance, 'registry'),
});
const lock = (from: string, owner: string) => buildLock('ci', { task, from, owner }) as Secret;

const rules: SweepRules = {
  us: 'us',
  isGone: (instance) => instance.startsWith('gone'),
  isOld: () => false,
  isStuck: () => false,
  keepPods: false,
};
const plan = (
  pods: readonly KubernetesObject[],
  secrets: readonly Secret[],
  other: Partial<SweepRules> = {},
) =>
  takeInventory(pods.map(foundPod), secrets.map(foundSecret))
    .flatMap((found) => [...planSweep(found, { ...rules, ...other })])
    .map((step) =>
      step.kind === 'take-over'
        ? `take over from ${step.from ?? 'nobody'}`
        : [
            `delete ${step.what} ${step.name} ${step.uid}`,
            ...(step.graceSeconds === 0 ? ['by force'] : []),
            ...(step.unlessRuns ? ['unless it runs'] : []),
          ].join(' '),
    );

const deleting: KubernetesObject = {
  metadata: { ...metadata(task, 'us', 'pod'), deletionTimestamp: '2026-01-01T00:00:00Z' },
};
const deletePod = `delete pod ${task} pod-uid`;
const deleteEndedPod = `${deletePod} unless it runs`;

test('the Pod of a task that is over, and that its node does not end, is deleted by force', () => {
  const isStuck = () => true;
  expect(plan([deleting], [], { isStuck })).toEqual([`${deletePod} by force`]);
  expect(plan([deleting], [], { isStuck, keepPods: true })).toEqual([`${deletePod} by force`]);
  expect(plan([deleting], [secret('us')], { isStuck })).toEqual(['take over from nobody']);
});

test.each<[string, readonly KubernetesObject[], readonly Secret[], readonly string[]]>([
  ['a task of ours that this process does not know', [pod('us')], [secret('us')], ['take over from nobody']],
  ['a task whose owner died before it had a Pod', [], [secret('gone-1')], ['take over from gone-1']],
  ['a task of an owner that is gone', [pod('gone-1')], [secret('gone-1')], ['take over from gone-1']],
  ['a task of another replica', [pod('alive')], [secret('alive')], []],
  ['a task of another replica', [pod('gone-1')], [secret('gone-1'), lock('gone-1', 'alive')], []],
  [
    'a task that another replica had taken over before it was gone, too',
    [pod('gone-1')],
    [secret('gone-1'), lock('gone-1', 'gone-2')],
    ['take over from gone-2'],
  ],
  [
    'a task that we had taken over before a restart',
    [pod('gone-1')],
    [secret('gone-1'), lock('gone-1', 'us')],
    ['take over from nobody'],
  ],
  ['the Pod of a task that is over', [pod('us')], [], [deleteEndedPod]],
  ['the Pod of a task that is over, and whose owner is gone', [pod('gone-1')], [], [deleteEndedPod]],
  ['a Pod that is being deleted', [deleting], [], []],
  ['the Pod of a task of another replica that is over', [pod('alive')], [], []],
  [
    'a Secret for registries alone',
    [],
    [registry('gone-1')],
    [`delete secret ${registrySecretName(task)} registry-uid`],
  ],
  ['a Secret for registries whose task is being created', [], [secret('alive'), registry('alive')], []],
  [
    'locks of a task that is over',
    [],
    [lock('gone-1', 'gone-2'), lock('gone-2', 'us')],
    [
      `delete secret ${lockName(task, 'gone-1')} undefined`,
      `delete secret ${lockName(task, 'gone-2')} undefined`,
    ],
  ],
  ['a lock of another replica', [], [lock('gone-1', 'alive')], []],
  ['objects of other programs with the same label', [pod(undefined)], [secret(undefined)], []],
  ['a Pod of another container runner', [unlike(pod('gone-1'))], [], []],
  ['a task of another container runner', [unlike(pod('gone-1'))], [unlike(secret('gone-1'))], []],
])('%s', (_title, pods, secrets, steps) => {
  expect(plan(pods, secrets)).toEqual(steps);
});

test('keeps the Pods of tasks that are over until they are old, if asked to', () => {
  const ended = [pod('us')];
  expect(plan(ended, [], { keepPods: true })).toEqual([]);
  expect(plan(ended, [], { keepPods: true, isOld: () => true })).toEqual([deletePod]);
});

const deleteAll = [`delete secret ${task} secret-uid`, deletePod];
const named = (name: string) => ({ metadata: { ...metadata(name, undefined, 'pod') } });

test.each<[string, readonly KubernetesObject[], readonly Secret[], readonly string[]]>([
  ['says nothing of its owner', [pod(undefined)], [secret(undefined)], deleteAll],
  ['is of another container runner', [unlike(pod('gone-1'))], [unlike(secret('gone-1'))], deleteAll],
  ['is of one that lives', [unlike(pod('alive'))], [unlike(secret('alive'))], []],
  ['another replica has', [pod('alive')], [secret('alive')], []],
  ['is called otherwise than a task, with the same label', [named('database-0')], [named('database')], []],
])('of what is old and %s', (_title, pods, secrets, steps) => {
  expect(plan(pods, secrets, { isOld: () => true })).toEqual(steps);
});
